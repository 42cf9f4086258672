package dev.tally.broker.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.broker.OfficialClients;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The log's file fails under a broker process that runs: what is acknowledged stays, what is not is never said to be. */
class DiskErrorTest {

    private static final String TOPIC = "failing";
    private static final String WRITER = "tally-store-writer";
    private static final int BATCH = 40;

    @TempDir
    private Path directory;

    private RestartableBroker broker;
    private OfficialClients clients;
    private DefaultMQProducer producer;
    private WholeLog log;
    private final List<String> acknowledged = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        broker = new RestartableBroker(directory, new Random());
        broker.start();
        clients = new OfficialClients(broker.address());
        producer = clients.producer("senders");
        producer.setRetryTimesWhenSendFailed(0);
        producer.setRetryTimesWhenSendAsyncFailed(0);
        producer.createTopic("TBW102", TOPIC, 1, Map.of());
        log = new WholeLog(broker.address());
        for (int i = 0; i < 20; i++) {
            send("before-" + i);
        }
    }

    @AfterEach
    void stop() {
        clients.close();
        log.close();
        broker.close();
    }

    private void send(String id) throws Exception {
        producer.send(Numbered.message(TOPIC, id));
        acknowledged.add(id);
    }

    private List<String> visible() throws Exception {
        return log.ids(TOPIC);
    }

    /** Sends many at once; answers the failures. */
    private List<Throwable> sendTogether(String prefix) throws Exception {
        Map<String, CompletableFuture<Optional<Throwable>>> answers = new LinkedHashMap<>();
        for (int i = 0; i < BATCH; i++) {
            CompletableFuture<Optional<Throwable>> answer = new CompletableFuture<>();
            answers.put(prefix + i, answer);
            producer.send(Numbered.message(TOPIC, prefix + i), new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
                    answer.complete(Optional.empty());
                }

                @Override
                public void onException(Throwable failure) {
                    answer.complete(Optional.of(failure));
                }
            });
        }
        List<Throwable> failures = new ArrayList<>();
        for (Map.Entry<String, CompletableFuture<Optional<Throwable>>> answer : answers.entrySet()) {
            Optional<Throwable> failure = answer.getValue().get(60, TimeUnit.SECONDS);
            failure.ifPresentOrElse(failures::add, () -> acknowledged.add(answer.getKey()));
        }
        return failures;
    }

    private static void assertUnknown(Throwable failure) {
        Throwable cause = failure instanceof MQClientException ? failure.getCause() : failure;
        assertThat(cause).isInstanceOfSatisfying(MQBrokerException.class, refused -> {
            assertThat(refused.getResponseCode()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
            assertThat(refused.getErrorMessage()).contains("outcome is unknown", ".log");
        });
    }

    private void assertFencedUntilRestarted() throws Exception {
        assertThatThrownBy(() -> producer.send(Numbered.message(TOPIC, "later")))
                .satisfies(DiskErrorTest::assertUnknown);
        assertThat(visible())
                .as("reading goes on, without what is unknown")
                .containsExactlyInAnyOrderElementsOf(acknowledged);

        broker.kill();
        broker.start();

        List<String> restarted = visible();
        assertThat(restarted).containsAll(acknowledged);
        assertThat(restarted).doesNotContain("later").doesNotHaveDuplicates();
        send("after");
        assertThat(visible())
                .hasSize(restarted.size() + 1)
                .startsWith(restarted.toArray(String[]::new))
                .endsWith("after");
    }

    @Needs(Means.STRACE)
    @Test
    void aFailedSyncIsNoAcknowledgementAndTheLogIsFencedAlthoughTheNextWouldSucceed() throws Exception {
        long writer = Strace.thread(broker.process().pid(), WRITER);
        try (Strace strace =
                Strace.attach(writer, "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=1")) {
            assertThat(sendTogether("unknown-")).hasSize(BATCH).allSatisfy(DiskErrorTest::assertUnknown);
            strace.detach();
        }
        assertFencedUntilRestarted();
    }

    @Needs(Means.STRACE)
    @ParameterizedTest
    @ValueSource(strings = {"EIO", "ENOSPC", "EROFS"})
    void aFailedWriteIsNoAcknowledgementAndTheLogIsFenced(String error) throws Exception {
        long writer = Strace.thread(broker.process().pid(), WRITER);
        try (Strace strace = Strace.attach(
                writer,
                "-P",
                broker.data().resolve("log/00000000000000000000.log").toString(),
                "-e",
                "trace=write,writev,pwrite64,pwritev",
                "-e",
                "inject=write,writev,pwrite64,pwritev:error=" + error + ":when=1")) {
            assertThat(sendTogether("unknown-")).hasSize(BATCH).allSatisfy(DiskErrorTest::assertUnknown);
            strace.detach();
        }
        assertFencedUntilRestarted();
    }

    /** The kernel writes as much as the file size limit allows, and fails the rest: a real short write. */
    @Needs(Means.PRLIMIT)
    @Test
    void aWriteThatIsCutShortInABatchAcknowledgesNothingOfIt() throws Exception {
        String pid = String.valueOf(broker.process().pid());
        long end = broker.counter("logBytes");
        Shell.succeed("prlimit", "--pid", pid, "--fsize=" + (end + 1_500) + ":");
        List<Throwable> failures = sendTogether("unknown-");
        assertThat(failures).hasSizeGreaterThan(BATCH - 8).allSatisfy(DiskErrorTest::assertUnknown);
        Shell.succeed("prlimit", "--pid", pid, "--fsize=unlimited:");
        assertFencedUntilRestarted();
    }
}
