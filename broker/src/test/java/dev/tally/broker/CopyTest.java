package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.transfer.Copy;
import dev.tally.broker.transfer.CopyOptions;
import dev.tally.broker.transfer.CopyResult;
import dev.tally.broker.transfer.Endpoint;
import dev.tally.testkit.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From one of our brokers to another. */
class CopyTest {

    private static final int QUEUES = 4;

    @TempDir
    private Path directory;

    private static void assertSame(CopySides sides, String topic, int queues) {
        for (int queue = 0; queue < queues; queue++) {
            assertThat(CopySides.kept(sides.target, topic, queue))
                    .as("queue %d of %s", queue, topic)
                    .isEqualTo(CopySides.kept(sides.source, topic, queue));
        }
    }

    @Test
    void keepsEverythingOfMessagesAndTheGroupsPositionsRetriesAndDeadLetters() throws Exception {
        try (CopySides sides = new CopySides(directory);
                OfficialClients clients = new OfficialClients(sides.source.address())) {
            CopySides.createTopic(sides.source, "orders", QUEUES);
            DefaultMQProducer producer = clients.producer("senders");
            CopySides.send(producer, sides.source, "orders", QUEUES, 0, 200);
            sides.source.store().saveGroup(new GroupConfig("stock", true, 1, 7)).join();
            sides.source.store().commitOffset("stock", "orders", 0, 13).join();
            sides.source.store().commitOffset("stock", "orders", 2, 50).join();
            Message retry = CopySides.numbered("%RETRY%stock", 3);
            retry.putUserProperty("RETRY_TOPIC_OF", "orders");
            producer.send(retry);
            CopySides.createTopic(sides.source, "%DLQ%stock", 1);
            producer.send(CopySides.numbered("%DLQ%stock", 4));
            CopySides.createTopic(sides.source, "not-wanted", 1);

            assertThat(sides.copy("--topic", "orders", "--group", "stock"))
                    .as(sides.out + sides.err)
                    .isZero();

            assertThat(sides.out).contains("COMPLETE: 202 messages copied, every queue verified");
            assertSame(sides, "orders", QUEUES);
            assertSame(sides, "%RETRY%stock", 1);
            assertSame(sides, "%DLQ%stock", 1);
            assertThat(CopySides.kept(sides.target, "orders", 1).get(0).properties())
                    .containsKeys("UNIQ_KEY", "KEYS", "TAGS", "number");
            assertThat(sides.target.store().topic("not-wanted")).isNull();
            assertThat(sides.target.store().topic("orders").writeQueues()).isEqualTo(QUEUES);
            assertThat(sides.target.store().group("stock").maxReconsume()).isEqualTo(7);
            assertThat(sides.target.store().committedOffset("stock", "orders", 0))
                    .hasValue(13);
            assertThat(sides.target.store().committedOffset("stock", "orders", 1))
                    .isEmpty();
            assertThat(sides.target.store().committedOffset("stock", "orders", 2))
                    .hasValue(50);
            try (OfficialClients there = new OfficialClients(sides.target.address())) {
                List<MessageExt> got = there.consumed("stock", "orders", "*");
                await().atMost(Duration.ofSeconds(90)).until(() -> got.size() >= 138);
                assertThat(got.stream()
                                .filter(message -> message.getTopic().equals("orders"))
                                .map(message -> Integer.parseInt(message.getUserProperty("number"))))
                        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 200)
                                .filter(i -> i % QUEUES != 2 && (i % QUEUES != 0 || i / QUEUES >= 13))
                                .boxed()
                                .toList());
            }
        }
    }

    @Test
    void addsToAQueueThatHasMessagesAndTranslatesPositions() throws Exception {
        try (CopySides sides = new CopySides(directory);
                OfficialClients clients = new OfficialClients(sides.source.address());
                OfficialClients there = new OfficialClients(sides.target.address())) {
            CopySides.createTopic(sides.source, "orders", 1);
            CopySides.createTopic(sides.target, "orders", 1);
            CopySides.send(there.producer("others"), sides.target, "orders", 1, 1000, 5);
            DefaultMQProducer producer = clients.producer("senders");
            CopySides.send(producer, sides.source, "orders", 1, 0, 10);
            sides.source
                    .store()
                    .saveGroup(new GroupConfig("stock", true, 1, 16))
                    .join();
            sides.source.store().commitOffset("stock", "orders", 0, 4).join();

            assertThat(sides.copy("--topic", "orders", "--all-groups")).isZero();
            assertThat(sides.target.store().committedOffset("stock", "orders", 0))
                    .hasValue(9);

            // Again: only what is new, behind what somebody else sent there.
            CopySides.send(there.producer("others"), sides.target, "orders", 1, 2000, 3);
            CopySides.send(producer, sides.source, "orders", 1, 10, 2);
            sides.source.store().commitOffset("stock", "orders", 0, 11).join();
            assertThat(sides.copy("--topic", "orders", "--all-groups")).isZero();

            assertThat(CopySides.bodies(sides.target, "orders", 0))
                    .containsExactly(
                            "m1000", "m1001", "m1002", "m1003", "m1004", "m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7",
                            "m8", "m9", "m2000", "m2001", "m2002", "m10", "m11");
            assertThat(sides.target.store().committedOffset("stock", "orders", 0))
                    .hasValue(19);
        }
    }

    @Test
    void saysWhatStaysAtTheSourceBecauseItIsNotDueOrDecided() throws Exception {
        try (CopySides sides = new CopySides(directory);
                OfficialClients clients = new OfficialClients(sides.source.address())) {
            CopySides.createTopic(sides.source, "orders", 1);
            DefaultMQProducer producer = clients.producer("senders");
            CopySides.send(producer, sides.source, "orders", 1, 0, 3);
            Message later = CopySides.numbered("orders", 4);
            later.setDelayTimeLevel(18);
            producer.send(later);
            TransactionMQProducer half = clients.transactionProducer("half-senders", new TransactionListener() {
                @Override
                public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
                    return LocalTransactionState.UNKNOW;
                }

                @Override
                public LocalTransactionState checkLocalTransaction(MessageExt message) {
                    return LocalTransactionState.UNKNOW;
                }
            });
            half.sendMessageInTransaction(CopySides.numbered("orders", 5), null);

            assertThat(sides.copy("--all-topics")).as(sides.err).isZero();

            assertThat(sides.out)
                    .contains("left at the source: 1 scheduled messages that are not due, 1 undecided half messages")
                    .contains("COMPLETE: 3 messages");
        }
    }

    @Test
    void whatWasDelayedOrDecidedArrivesAtOnce() throws Exception {
        try (CopySides sides = new CopySides(directory);
                OfficialClients clients = new OfficialClients(sides.source.address())) {
            CopySides.createTopic(sides.source, "orders", 1);
            Message delayed = CopySides.numbered("orders", 1);
            delayed.setDelayTimeSec(2);
            clients.producer("senders").send(delayed);
            TransactionMQProducer half = clients.transactionProducer("half-senders", new TransactionListener() {
                @Override
                public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
                    return LocalTransactionState.COMMIT_MESSAGE;
                }

                @Override
                public LocalTransactionState checkLocalTransaction(MessageExt message) {
                    return LocalTransactionState.COMMIT_MESSAGE;
                }
            });
            half.sendMessageInTransaction(CopySides.numbered("orders", 2), null);
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> sides.source.store().maxOffset("orders", 0) == 2);

            assertThat(sides.copy("--topic", "orders"))
                    .as(sides.out + sides.err)
                    .isZero();

            assertThat(CopySides.bodies(sides.target, "orders", 0))
                    .hasSize(2)
                    .isEqualTo(CopySides.bodies(sides.source, "orders", 0));
            assertThat(sides.target.stats().undecided()).isZero();
            assertThat(sides.target.stats().scheduled()).isZero();
        }
    }

    /** A proxy in front of the target, whose name server says that the broker is behind it. */
    private CopySides behindProxy(int port) {
        return new CopySides(
                directory,
                BrokerConfig.builder(directory.resolve("source")),
                CopySides.target(directory).port(port).advertisedHost(CopyProxy.HOST));
    }

    @Test
    void repeatsNothingWhenConnectionsBreakBeforeTheAnswer() throws Exception {
        int port = FreePorts.next();
        try (CopySides sides = behindProxy(port);
                CopyProxy proxy = new CopyProxy(port);
                OfficialClients clients = new OfficialClients(sides.source.address())) {
            CopySides.createTopic(sides.source, "orders", QUEUES);
            CopySides.send(clients.producer("senders"), sides.source, "orders", QUEUES, 0, 400);
            proxy.cutEvery(37);

            assertThat(sides.copy("--topic", "orders"))
                    .as(sides.out + sides.err)
                    .isZero();

            assertThat(proxy.sends()).isGreaterThan(100);
            assertSame(sides, "orders", QUEUES);
        }
    }

    @Test
    void goesOnWhereItStoodAfterTheTargetWasGone() throws Exception {
        int port = FreePorts.next();
        try (CopySides sides = behindProxy(port);
                CopyProxy proxy = new CopyProxy(port);
                OfficialClients clients = new OfficialClients(sides.source.address())) {
            CopySides.createTopic(sides.source, "orders", QUEUES);
            CopySides.send(clients.producer("senders"), sides.source, "orders", QUEUES, 0, 400);
            proxy.cutEvery(60);
            proxy.downAfterCut(true);

            assertThat(sides.copy("--topic", "orders", "--attempts", "1")).isEqualTo(1);
            assertThat(sides.out + sides.err).contains("orders");
            long there = sides.target.stats().messages();
            assertThat(there).isPositive().isLessThan(400);

            proxy.cutEvery(Integer.MAX_VALUE);
            proxy.downAfterCut(false);
            assertThat(sides.copy("--topic", "orders"))
                    .as(sides.out + sides.err)
                    .isZero();
            assertSame(sides, "orders", QUEUES);
            assertThat(sides.target.stats().messages()).isEqualTo(400);
        }
    }

    @Test
    void aKilledCopyGoesOnWithoutLossAndRepeats() throws Exception {
        int messages = 3000;
        try (CopySides sides = new CopySides(directory);
                OfficialClients clients = new OfficialClients(sides.source.address())) {
            CopySides.createTopic(sides.source, "orders", QUEUES);
            DefaultMQProducer producer = clients.producer("senders");
            for (int queue = 0; queue < QUEUES; queue++) {
                for (int i = 0; i < messages / QUEUES; i += 50) {
                    List<Message> batch = new ArrayList<>();
                    for (int j = i; j < i + 50; j++) {
                        batch.add(CopySides.numbered("orders", j * QUEUES + queue));
                    }
                    producer.send(batch, new MessageQueue("orders", "tally", queue));
                }
            }
            Process process = launch(sides, directory.resolve("killed.txt"));
            await().atMost(Duration.ofSeconds(120))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> sides.target.stats().messages() > 20 || !process.isAlive());
            process.destroyForcibly().waitFor();
            long there = sides.target.stats().messages();
            System.out.println("killed with " + there + " of " + messages + " copied");

            assertThat(sides.copy("--topic", "orders"))
                    .as(sides.out + sides.err)
                    .isZero();

            assertSame(sides, "orders", QUEUES);
            assertThat(sides.target.stats().messages()).isEqualTo(messages);
        }
    }

    private static Process launch(CopySides sides, Path output, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                BrokerProcess.classPath(),
                BrokerMain.class.getName(),
                "copy",
                "--from",
                sides.source.address(),
                "--to",
                sides.target.address(),
                "--state",
                sides.state().toString(),
                "--topic",
                "orders"));
        command.addAll(List.of(more));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    @Test
    void aTerminatedProcessThatFollowsCopiesWhatIsThereAndEndsWithItsVerdict() throws Exception {
        try (CopySides sides = new CopySides(directory);
                OfficialClients clients = new OfficialClients(sides.source.address())) {
            CopySides.createTopic(sides.source, "orders", QUEUES);
            DefaultMQProducer producer = clients.producer("senders");
            CopySides.send(producer, sides.source, "orders", QUEUES, 0, 8);
            Path output = directory.resolve("output.txt");
            Process process = launch(sides, output, "--follow");
            await().atMost(Duration.ofSeconds(120))
                    .until(() -> sides.target.stats().messages() == 8 || !process.isAlive());
            CopySides.send(producer, sides.source, "orders", QUEUES, 8, 8);
            process.destroy();
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();

            assertThat(Files.readString(output)).contains("COMPLETE: 16 messages copied, every queue verified");
            assertThat(process.exitValue()).isZero();
            assertSame(sides, "orders", QUEUES);
        }
    }

    @Test
    void countsWhatTheSourceRemovedBeforeItsTurnCame() throws Exception {
        try (CopySides sides = new CopySides(directory);
                OfficialClients clients = new OfficialClients(sides.source.address())) {
            CopySides.createTopic(sides.source, "orders", 1);
            DefaultMQProducer producer = clients.producer("senders");
            CopySides.send(producer, sides.source, "orders", 1, 0, 10);
            sides.source
                    .store()
                    .saveGroup(new GroupConfig("stock", true, 1, 16))
                    .join();
            assertThat(sides.copy("--topic", "orders")).as(sides.err).isZero();
            CopySides.send(producer, sides.source, "orders", 1, 10, 5);
            // Its queue goes on with the offset that it had, like one whose segments were removed.
            sides.source.store().deleteTopic("orders").join();
            CopySides.createTopic(sides.source, "orders", 1);
            CopySides.send(producer, sides.source, "orders", 1, 15, 3);
            assertThat(sides.source.store().minOffset("orders", 0)).isEqualTo(15);
            sides.source.store().commitOffset("stock", "orders", 0, 16).join();

            assertThat(sides.copy("--topic", "orders", "--group", "stock")).isEqualTo(1);

            assertThat(sides.out)
                    .contains("queue 0 of broker tally: 5 messages were gone at the source")
                    .contains("NOT COMPLETE: 13 messages copied, 5 missing");
            assertThat(CopySides.bodies(sides.target, "orders", 0))
                    .containsExactly("m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9", "m15", "m16", "m17");
            assertThat(sides.target.store().committedOffset("stock", "orders", 0))
                    .hasValue(11);
        }
    }

    @Test
    void followsASourceThatIsWrittenAndConsumedUntilItIsStopped() throws Exception {
        try (CopySides sides = new CopySides(directory);
                OfficialClients clients = new OfficialClients(sides.source.address())) {
            CopySides.createTopic(sides.source, "orders", QUEUES);
            sides.source
                    .store()
                    .saveGroup(new GroupConfig("stock", true, 1, 16))
                    .join();
            DefaultMQProducer producer = clients.producer("senders");
            CopyOptions options = new CopyOptions(
                    Endpoint.of(sides.source.address()),
                    Endpoint.of(sides.target.address()),
                    null,
                    List.of("orders"),
                    false,
                    List.of("stock"),
                    false,
                    sides.state(),
                    true,
                    4,
                    Duration.ZERO,
                    Duration.ofSeconds(60),
                    30);
            List<String> lines = new CopyOnWriteArrayList<>();
            AtomicBoolean enough = new AtomicBoolean();
            try (Copy copy = new Copy(options, lines::add)) {
                CompletableFuture<CopyResult> result = CompletableFuture.supplyAsync(() -> {
                    try {
                        return copy.run();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
                CompletableFuture<Integer> sent = CompletableFuture.supplyAsync(() -> {
                    int number = 0;
                    try {
                        for (; !enough.get(); number += 8) {
                            CopySides.send(producer, sides.source, "orders", QUEUES, number, 8);
                        }
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                    return number;
                });
                await().atMost(Duration.ofSeconds(120))
                        .until(() -> result.isDone() || sides.target.stats().messages() > 100);
                sides.source.store().commitOffset("stock", "orders", 1, 7).join();
                await().atMost(Duration.ofSeconds(120))
                        .until(() -> result.isDone()
                                || sides.target
                                                .store()
                                                .committedOffset("stock", "orders", 1)
                                                .orElse(-1)
                                        == 7);
                // A topic of the group that comes into being while the copy runs.
                CopySides.createTopic(sides.source, "%DLQ%stock", 1);
                producer.send(CopySides.numbered("%DLQ%stock", 4));
                enough.set(true);
                int count = sent.join();
                sides.source.store().commitOffset("stock", "orders", 1, 9).join();
                copy.stop();

                assertThat(result.join().complete()).as(lines.toString()).isTrue();
                assertThat(result.join().copied()).isEqualTo(count + 1);
            }
            assertSame(sides, "orders", QUEUES);
            assertSame(sides, "%DLQ%stock", 1);
            assertThat(sides.target.store().committedOffset("stock", "orders", 1))
                    .hasValue(9);
            assertThat(Files.readString(sides.state())).contains("\"orders\"");
        }
    }
}
