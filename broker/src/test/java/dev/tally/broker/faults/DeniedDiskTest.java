package dev.tally.broker.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.BrokerProcess;
import dev.tally.broker.OfficialClients;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker process that may not write, may not open, or has no file descriptors left. */
@Scenario("broker-12")
class DeniedDiskTest {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String TOPIC = "denied";
    private static final int LARGE = 200_000;
    private static final String[] WITHOUT_ROOT = {"setpriv", "--bounding-set=-dac_override,-dac_read_search"};

    @TempDir
    private Path directory;

    private RestartableBroker broker;
    private final List<String> acknowledged = new ArrayList<>();
    private final List<AutoCloseable> toClose = new ArrayList<>();

    @BeforeEach
    void prepare() throws Exception {
        broker = new RestartableBroker(directory.resolve("disk"), directory.resolve("errors.txt"), new Random());
        Files.createDirectories(directory.resolve("disk"));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : toClose) {
            one.close();
        }
        if (broker.process() != null) {
            broker.kill();
        }
    }

    private DefaultMQProducer producer() throws Exception {
        OfficialClients clients = new OfficialClients(broker.address());
        toClose.add(clients);
        DefaultMQProducer producer = clients.producer("senders");
        producer.setRetryTimesWhenSendFailed(0);
        producer.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE);
        producer.createTopic("TBW102", TOPIC, 1, Map.of());
        return producer;
    }

    /** Why the broker refuses a message now, null where it takes it. */
    private String refusal(DefaultMQProducer producer, String id) throws Exception {
        byte[] body = Arrays.copyOf((id + "|").getBytes(StandardCharsets.UTF_8), LARGE);
        try {
            producer.send(new Message(TOPIC, "t", body));
            acknowledged.add(id);
            return null;
        } catch (MQClientException e) {
            if (e.getCause() instanceof MQBrokerException refused
                    && refused.getResponseCode() == ResponseCode.SERVICE_NOT_AVAILABLE) {
                return refused.getErrorMessage();
            }
            throw e;
        }
    }

    /** The active segment and the one ahead of it are there already: they take messages until they are full. */
    private void sendUntilTheLogCannotGrow(DefaultMQProducer producer) throws Exception {
        String refusal = null;
        for (int i = 0; refusal == null; i++) {
            assertThat(i).as("sends are still taken").isLessThan(150);
            refusal = refusal(producer, "m" + i);
        }
        assertThat(refusal).contains("cannot grow", "nothing was written");
    }

    private void assertAllThereAfterARestart(String... by) throws Exception {
        broker.kill();
        broker.launch(by).awaitReady();
        try (WholeLog log = new WholeLog(broker.address())) {
            assertThat(log.read(TOPIC)).hasSize(acknowledged.size());
        }
    }

    private void assertRefusesToStart(BrokerProcess process, String... facts) throws Exception {
        int before = broker.complaints().size();
        assertThat(process.awaitExit()).isEqualTo(1);
        List<String> complaints = broker.complaints();
        assertThat(complaints.subList(before, complaints.size()))
                .singleElement()
                .satisfies(line ->
                        assertThat(line).contains(facts).contains(broker.data().toString()));
    }

    @Needs(Means.TMPFS)
    @Test
    void doesNotStartOnAReadOnlyFileSystemAndSaysSo() throws Exception {
        SmallDisk disk = SmallDisk.mount(directory.resolve("disk"), 100);
        toClose.add(disk);
        broker.start();
        assertThat(refusal(producer(), "a")).isNull();
        broker.kill();
        disk.readOnly();
        assertRefusesToStart(broker.launch(), "Read-only file system");

        disk.writable();
        broker.start();
        assertAllThereAfterARestart();
    }

    @Needs(Means.PERMISSIONS)
    @Test
    void doesNotStartWithoutPermissionAndSaysOnWhichFile() throws Exception {
        broker.launch(WITHOUT_ROOT).awaitReady();
        assertThat(refusal(producer(), "a")).isNull();
        broker.kill();
        Path segment = broker.data().resolve("log/00000000000000000000.log");
        for (Path denied : List.of(segment, broker.data().resolve("lock"))) {
            Set<PosixFilePermission> allowed = Files.getPosixFilePermissions(denied);
            Files.setPosixFilePermissions(denied, PosixFilePermissions.fromString("---------"));
            assertRefusesToStart(broker.launch(WITHOUT_ROOT), "permission denied", denied.toString());
            Files.setPosixFilePermissions(denied, allowed);
        }

        broker.launch(WITHOUT_ROOT).awaitReady();
        assertAllThereAfterARestart(WITHOUT_ROOT);
    }

    @Needs(Means.PERMISSIONS)
    @Test
    void refusesMessagesWhenItMayNotMakeSegmentsAnyMoreAndResumesByItself() throws Exception {
        broker.launch(WITHOUT_ROOT).awaitReady();
        DefaultMQProducer producer = producer();
        Path segments = broker.data().resolve("log");
        awaitSegmentAhead();
        Set<PosixFilePermission> allowed = Files.getPosixFilePermissions(segments);
        Files.setPosixFilePermissions(segments, PosixFilePermissions.fromString("r-xr-xr-x"));
        sendUntilTheLogCannotGrow(producer);
        assertThat(broker.process().status().path("storage").path("state").asString())
                .isEqualTo("REFUSING");

        Files.setPosixFilePermissions(segments, allowed);
        await().atMost(PATIENCE).until(() -> refusal(producer, "resumed") == null);
        assertAllThereAfterARestart(WITHOUT_ROOT);
    }

    private void awaitSegmentAhead() {
        await().atMost(PATIENCE).until(() -> {
            try (Stream<Path> files = Files.list(broker.data().resolve("log"))) {
                return files.filter(file -> file.toString().endsWith(".log")).count() == 2;
            }
        });
    }

    @Needs(Means.PRLIMIT)
    @Test
    void goesOnWithoutFileDescriptorsForWhoIsConnectedAndForAllWhenItHasThemAgain() throws Exception {
        broker.runFromAJar();
        broker.start();
        DefaultMQProducer producer = producer();
        assertThat(refusal(producer, "first")).isNull();
        awaitSegmentAhead();
        assertThat(broker.process().status().path("storage").path("state").asString())
                .isEqualTo("OK");
        String pid = String.valueOf(broker.process().pid());
        Shell.succeed("prlimit", "--pid", pid, "--nofile=1:");
        sendUntilTheLogCannotGrow(producer);

        Shell.succeed("prlimit", "--pid", pid, "--nofile=1024:");
        await().atMost(PATIENCE).until(() -> refusal(producer, "resumed") == null);
        assertThat(refusal(producer(), "of a new client")).isNull();
        assertThat(broker.process().status().path("storage").path("state").asString())
                .isEqualTo("OK");
        assertAllThereAfterARestart();
    }

    @Needs(Means.PRLIMIT)
    @Test
    void startsOrEndsButNeverHangsNorHarmsWithTooFewFileDescriptors() throws Exception {
        broker.runFromAJar();
        broker.start();
        awaitSegmentAhead();
        int needed = openFiles(broker.process().pid());
        assertThat(refusal(producer(), "a")).isNull();
        broker.kill();
        for (int missing : new int[] {2, 5, 9, 13}) {
            long started = starts();
            BrokerProcess starved = broker.launch("prlimit", "--nofile=" + (needed - missing));
            await().atMost(PATIENCE).until(() -> !starved.alive() || starts() > started);
            starved.kill();
        }
        assertRefusesToStart(broker.launch("prlimit", "--nofile=" + (needed - 13)), "Too many open files");
        assertAllThereAfterARestart();
    }

    private long starts() throws IOException {
        return Files.readAllLines(broker.errors()).stream()
                .filter(line -> line.contains("Broker started"))
                .count();
    }

    private static int openFiles(long pid) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc", String.valueOf(pid), "fd"))) {
            return (int) files.count();
        }
    }
}
