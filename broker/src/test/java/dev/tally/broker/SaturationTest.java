package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.HeaderForm;
import dev.tally.broker.protocol.OffsetMessageId;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.store.MessageStore;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SaturationTest {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Set<String> SLOW = Set.of("read", "messageAt", "offsetByTime", "pollDueChecks");

    @TempDir
    private Path data;

    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger stuck = new AtomicInteger();
    private final AtomicInteger sent = new AtomicInteger();

    private BrokerConfig config() {
        return BrokerConfig.builder(data)
                .defaultQueues(1)
                .checkImmunity(Duration.ofMillis(200))
                .checkInterval(Duration.ofMillis(300))
                .maxChecks(1_000)
                .build();
    }

    /** A store on a disk that answers no read. */
    private MessageStore unreadable(MessageStore store) {
        return (MessageStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {MessageStore.class}, (proxy, method, arguments) -> {
                    if (SLOW.contains(method.getName())) {
                        stuck.incrementAndGet();
                        released.await();
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private byte[] send(int code, String topic, String more) {
        return RawClient.frame(
                HeaderForm.BINARY,
                code,
                "body",
                "a",
                "producers",
                "b",
                topic,
                "d",
                1,
                "e",
                0,
                "f",
                0,
                "g",
                0,
                "h",
                0,
                "i",
                "UNIQ_KEY\u0001u" + sent.getAndIncrement() + "\u0002" + more);
    }

    private byte[] half() {
        return send(RequestCode.SEND_MESSAGE_V2, "deals", "TRAN_MSG\u0001true\u0002PGROUP\u0001deciders\u0002");
    }

    private static long position(Command prepared) {
        assertThat(prepared.code()).isZero();
        return OffsetMessageId.position(prepared.fields().requiredText("msgId"));
    }

    private static byte[] commit(long position) {
        return end(position, 8);
    }

    private static byte[] end(long position, int decision) {
        return RawClient.frame(
                HeaderForm.BINARY,
                RequestCode.END_TRANSACTION,
                "",
                "producerGroup",
                "deciders",
                "commitLogOffset",
                position,
                "commitOrRollback",
                decision);
    }

    private static byte[] pull() {
        return RawClient.frame(
                HeaderForm.BINARY,
                RequestCode.PULL_MESSAGE,
                "",
                "consumerGroup",
                "stock",
                "topic",
                "orders",
                "queueId",
                0,
                "queueOffset",
                0,
                "maxMsgNums",
                32,
                "sysFlag",
                4,
                "subscription",
                "*");
    }

    private static byte[] heartbeat() {
        return RawClient.frame(
                HeaderForm.BINARY,
                RequestCode.HEART_BEAT,
                "{\"clientID\":\"p1\",\"producerDataSet\":[{\"groupName\":\"deciders\"}]}");
    }

    private void sendAndCommit(RawClient client, int rounds) throws IOException {
        for (int i = 0; i < rounds; i++) {
            assertThat(client.call(send(RequestCode.SEND_MESSAGE_V2, "orders", ""))
                            .code())
                    .isZero();
            assertThat(client.call(commit(position(client.call(half())))).code())
                    .isZero();
            assertThat(client.call(heartbeat()).code()).isZero();
        }
    }

    @Scenario("broker-29")
    @Test
    void takesAndCommitsWhileEveryReaderIsStuckOnTheDisk() throws Exception {
        MessageStore store = BrokerStore.open(config());
        try (Broker broker = Broker.start(config(), unreadable(store))) {
            List<RawClient> readers = new ArrayList<>();
            try (RawClient client = new RawClient(broker.address())) {
                assertThat(client.call(send(RequestCode.SEND_MESSAGE_V2, "orders", ""))
                                .code())
                        .isZero();
                for (int i = 0; i < 200; i++) {
                    RawClient reader = new RawClient(broker.address());
                    readers.add(reader);
                    reader.write(pull(), pull().length);
                }
                int threads = Math.max(2, Math.min(16, Runtime.getRuntime().availableProcessors() * 2));
                await().atMost(PATIENCE).until(() -> stuck.get() == threads);

                sendAndCommit(client, 100);

                assertThat(stuck).as("no reader came free meanwhile").hasValue(threads);
                assertThat(broker.stats().committedByProducer()).isEqualTo(100);
            }
            released.countDown();
            for (RawClient reader : readers) {
                assertThat(reader.answer().code()).isZero();
                reader.close();
            }
        } finally {
            released.countDown();
        }
    }

    @Scenario("broker-29")
    @Test
    void takesAndCommitsWhileThousandsOfHalfMessagesAreAskedAboutAgainAndAgain() throws Exception {
        int halves = 3_000;
        try (Broker broker = Broker.start(config());
                RawClient asked = new RawClient(broker.address());
                RawClient client = new RawClient(broker.address())) {
            for (int i = 0; i < halves; i++) {
                byte[] half = half();
                client.write(half, half.length);
            }
            for (int i = 0; i < halves; i++) {
                position(client.answer());
            }
            assertThat(asked.call(heartbeat()).code()).isZero();
            AtomicInteger questions = new AtomicInteger();
            Thread reader = new Thread(() -> {
                try {
                    while (true) {
                        Command question = asked.next();
                        if (question.code() == RequestCode.CHECK_TRANSACTION_STATE) {
                            questions.incrementAndGet();
                            byte[] unknown = end(question.fields().requiredLongNumber("commitLogOffset"), 0);
                            asked.write(unknown, unknown.length);
                        }
                    }
                } catch (IOException e) {
                    // The test is over.
                    assertThat(e).isNotNull();
                }
            });
            reader.start();
            await().atMost(PATIENCE).until(() -> questions.get() > 200);
            int before = questions.get();

            sendAndCommit(client, 200);

            await().atMost(PATIENCE).until(() -> questions.get() > before + 200);
            assertThat(broker.stats().undecided()).isEqualTo(halves);
            assertThat(broker.stats().committedByProducer()).isEqualTo(200);
            asked.close();
            reader.join();
        }
    }
}
