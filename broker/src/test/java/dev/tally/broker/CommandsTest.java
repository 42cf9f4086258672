package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.store.FlushMode;
import dev.tally.broker.store.NewMessage;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.rocketmq.common.TopicConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CommandsTest {

    private static final String SEGMENT_0 = "log/00000000000000000000.log";

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private Path data() {
        return directory.resolve("data");
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine line = BrokerMain.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    private Broker broker(BrokerConfig.Builder config) {
        return Broker.start(config.build());
    }

    private void append(Broker broker, int messages) {
        for (int i = 0; i < messages; i++) {
            broker.store()
                    .append(List.of(new NewMessage("orders", 0, 1, ByteBuffer.wrap(new byte[100]), Duration.ZERO)))
                    .join();
        }
    }

    private Map<Path, Integer> fingerprint() throws IOException {
        Map<Path, Integer> hashes = new HashMap<>();
        try (Stream<Path> all = Files.walk(data())) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                if (!file.endsWith("lock")) {
                    hashes.put(file, Arrays.hashCode(Files.readAllBytes(file)));
                }
            }
        }
        return hashes;
    }

    private void flip(long offset) throws IOException {
        try (RandomAccessFile file =
                new RandomAccessFile(data().resolve(SEGMENT_0).toFile(), "rw")) {
            file.seek(offset);
            int old = file.read();
            file.seek(offset);
            file.write(old ^ 4);
        }
    }

    @Test
    void checkSaysWhatADirectoryHoldsAndWritesNothing() throws Exception {
        try (Broker broker = broker(BrokerConfig.builder(data()))) {
            append(broker, 7);
        }
        Files.writeString(data().resolve("FORMAT"), "garbage");
        Map<Path, Integer> before = fingerprint();

        assertThat(run("check", "--data", data().toString())).isZero();

        assertThat(out.toString())
                .contains("records: MESSAGE 7")
                .contains("7 messages")
                .contains("note: " + data().resolve("FORMAT"))
                .contains("whole");
        assertThat(fingerprint()).isEqualTo(before);
    }

    @Scenario("broker-4")
    @Test
    void checkNamesEveryDamagedPlaceAndQuarantineGivesItUp() throws Exception {
        long second;
        long fifth;
        try (Broker broker = broker(BrokerConfig.builder(data()))) {
            append(broker, 7);
            second = broker.store()
                    .read("orders", 0, 1, 1, 9, tag -> true)
                    .messages()
                    .get(0)
                    .position();
            fifth = broker.store()
                    .read("orders", 0, 4, 1, 9, tag -> true)
                    .messages()
                    .get(0)
                    .position();
        }
        flip(second + 50);
        flip(fifth + 50);
        Map<Path, Integer> before = fingerprint();

        assertThat(run("check", "--data", data().toString())).isEqualTo(1);

        assertThat(out.toString())
                .contains("DAMAGED: " + data().resolve(SEGMENT_0) + " at offset " + second)
                .contains("DAMAGED: " + data().resolve(SEGMENT_0) + " at offset " + fifth)
                .contains("records: MESSAGE 5");
        assertThat(fingerprint()).isEqualTo(before);
        assertThat(run(
                        "backup",
                        "--data",
                        data().toString(),
                        "--to",
                        directory.resolve("copy").toString()))
                .isEqualTo(1);
        // A start that reads everything; from a snapshot on, it would meet the damage at a read.
        deleteSnapshots();
        assertThat(run("--data", data().toString(), "--port", "0")).isEqualTo(1);
        assertThat(err.toString()).contains("--quarantine");

        try (Broker broker = broker(BrokerConfig.builder(data()).quarantine(true))) {
            assertThat(broker.stats().messages()).isEqualTo(5);
        }
        assertThat(data().resolve("quarantine/report.txt")).isNotEmptyFile();
        assertThat(run("check", "--data", data().toString())).isZero();
        assertThat(out.toString()).contains("records: GAP 2");
        try (Broker broker = broker(BrokerConfig.builder(data()))) {
            assertThat(broker.stats().messages()).isEqualTo(5);
        }
    }

    private void deleteSnapshots() throws IOException {
        try (Stream<Path> files = Files.list(data().resolve("snapshot"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void checkNamesAMissingSegmentAndWhatIsNoDataDirectory() throws Exception {
        try (Broker broker = broker(BrokerConfig.builder(data()))) {
            append(broker, 1);
        }
        Files.delete(data().resolve(SEGMENT_0));
        assertThat(run("check", "--data", data().toString())).isEqualTo(1);
        assertThat(out.toString())
                .contains("DAMAGED")
                .contains(data().resolve("log").toString());
        assertThat(run("check", "--data", directory.resolve("nothing").toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("nothing");
        assertThat(Files.exists(directory.resolve("nothing"))).isFalse();
    }

    @Scenario("broker-50")
    @Test
    void backupCopiesAStoppedBrokerAndRefusesARunningOneWithoutItsAdminPort() throws Exception {
        Path copy = directory.resolve("copy");
        try (Broker broker = broker(BrokerConfig.builder(data()))) {
            append(broker, 7);
            assertThat(run("backup", "--data", data().toString(), "--to", copy.toString()))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("in use").contains("--admin-port");
            assertThat(run("check", "--data", data().toString())).isEqualTo(1);
            assertThat(err.toString()).contains("in use");
        }
        assertThat(run("backup", "--data", data().toString(), "--to", copy.toString()))
                .isZero();
        assertThat(run("check", "--data", copy.toString())).isZero();
        try (Broker broker = broker(BrokerConfig.builder(copy))) {
            assertThat(broker.stats().messages()).isEqualTo(7);
        }
    }

    @Scenario("broker-50")
    @Test
    void backupAsksARunningBrokerThatAllowsIt() throws Exception {
        Path allowed = directory.resolve("backups");
        try (Broker broker = broker(BrokerConfig.builder(data()).adminPort(0).backups(allowed))) {
            append(broker, 7);
            String port = String.valueOf(broker.adminAddress().orElseThrow().getPort());
            Path copy = allowed.resolve("a copy");
            assertThat(run("backup", "--data", data().toString(), "--admin-port", port, "--to", copy.toString()))
                    .as(err.toString())
                    .isZero();
            assertThat(run("check", "--data", copy.toString())).isZero();
            assertThat(out.toString()).contains("records: MESSAGE 7");

            for (Path elsewhere : List.of(directory.resolve("other"), allowed, allowed.resolve("../x"))) {
                assertThat(run(
                                "backup",
                                "--data",
                                data().toString(),
                                "--admin-port",
                                port,
                                "--to",
                                elsewhere.toString()))
                        .isEqualTo(1);
                assertThat(err.toString()).contains("only below");
            }
            assertThat(run("backup", "--data", data().toString(), "--admin-port", port, "--to", copy.toString()))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("exists");
            URI uri = URI.create("http://127.0.0.1:" + port + "/backup?to=" + allowed.resolve("unasked"));
            HttpResponse<String> withoutHeader = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(uri)
                                    .POST(HttpRequest.BodyPublishers.noBody())
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(withoutHeader.statusCode()).isEqualTo(403);
            assertThat(Files.exists(allowed.resolve("unasked"))).isFalse();
        }
        try (Broker broker = broker(BrokerConfig.builder(data()).adminPort(0))) {
            String port = String.valueOf(broker.adminAddress().orElseThrow().getPort());
            assertThat(run("backup", "--data", data().toString(), "--admin-port", port, "--to", allowed + "/b"))
                    .isEqualTo(1);
        }
    }

    @Test
    void theFlushOfNewTopicsCanBeChosenAndIsShown() throws Exception {
        BrokerConfig.Builder config = BrokerConfig.builder(data()).adminPort(0);
        try (Broker broker = broker(config.flush(FlushMode.ASYNC));
                OfficialClients clients = new OfficialClients(broker.address())) {
            clients.producer("senders").send(OfficialClients.message("fast", "t", "x"));
            TopicConfig careful = new TopicConfig("careful", 1, 1);
            careful.setAttributes(Map.of("+flush", "sync"));
            clients.producer("makers")
                    .getDefaultMQProducerImpl()
                    .getMqClientFactory()
                    .getMQClientAPIImpl()
                    .createTopic(broker.address(), "TBW102", careful, 30_000);
            assertThat(broker.store().topic("careful"))
                    .satisfies(topic -> assertThat(topic.flush()).isEqualTo(FlushMode.SYNC));
            URI status = URI.create(
                    "http://127.0.0.1:" + broker.adminAddress().orElseThrow().getPort() + "/status");
            String body = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(status).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            assertThat(body).contains("\"durability\":\"write before").contains("\"flush\":\"ASYNC\"");
        }
        assertThat(run("--data", data().toString(), "--flush", "never")).isEqualTo(2);
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("--data");
    }
}
