package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.testkit.scenario.Scenario;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerMainTest {

    @TempDir
    private Path directory;

    private Path data() {
        return directory.resolve("data");
    }

    private BrokerProcess launch(String... more) throws Exception {
        List<String> arguments = new java.util.ArrayList<>(List.of("--data", data().toString()));
        arguments.addAll(List.of(more));
        return BrokerProcess.launch(errors(), arguments.toArray(String[]::new));
    }

    private Path errors() {
        return directory.resolve("errors.txt");
    }

    private List<String> complaints() throws Exception {
        return Files.readAllLines(errors()).stream()
                .filter(line -> line.startsWith("tally-broker: "))
                .toList();
    }

    @Test
    void saysWhereItListensAndStopsInOrderWhenTerminated() throws Exception {
        try (BrokerProcess broker = launch("--port", "0", "--admin-port", "0")) {
            String address = broker.awaitReady();
            assertThat(broker.output()).singleElement().satisfies(line -> assertThat(line)
                    .contains("ready on 127.0.0.1:")
                    .contains("durability: fsync before acknowledgement")
                    .contains("data: " + data())
                    .contains("status: http://"));
            try (OfficialClients clients = new OfficialClients(address)) {
                DefaultMQProducer producer = clients.producer("senders");
                producer.send(OfficialClients.message("topic", "t", "x"));
            }
            broker.terminate();
            broker.awaitExit();
            assertThat(Files.readString(errors())).contains("Broker stopped");
        }
        try (BrokerProcess again = launch("--port", "0")) {
            again.awaitReady();
            assertThat(again.output().get(0)).doesNotContain("(0 bytes)");
        }
    }

    @Test
    void refusesAPortThatIsInUseWithOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                BrokerProcess broker = launch("--port", String.valueOf(taken.getLocalPort()))) {
            assertThat(broker.awaitExit()).isEqualTo(1);
            assertThat(complaints()).singleElement().satisfies(line -> assertThat(line)
                    .contains("Cannot listen on", "" + taken.getLocalPort()));
        }
    }

    @Scenario("broker-45")
    @Test
    void refusesADirectoryThatAnotherBrokerHasWithOneLine() throws Exception {
        try (Broker owner = Broker.start(BrokerConfig.builder(data()).build());
                BrokerProcess broker = launch("--port", "0")) {
            assertThat(broker.awaitExit()).isEqualTo(1);
            assertThat(complaints()).singleElement().satisfies(line -> assertThat(line)
                    .contains(data().toString())
                    .contains("in use")
                    .contains(String.valueOf(ProcessHandle.current().pid())));
            assertThatThrownBy(() -> Broker.start(BrokerConfig.builder(data()).build()))
                    .isInstanceOf(BrokerStartException.class)
                    .hasMessageContaining("in use");
            assertThat(owner.stats().messages()).isZero();
        }
    }

    @Test
    void refusesADirectoryThatItCannotWriteWithOneLine() throws Exception {
        Files.writeString(data(), "a file where the directory should be");
        try (BrokerProcess broker = launch("--port", "0")) {
            assertThat(broker.awaitExit()).isEqualTo(1);
            assertThat(complaints()).singleElement().satisfies(line -> assertThat(line)
                    .contains(data().toString()));
        }
    }

    @Test
    void showsItsStatusReadOnly() throws Exception {
        try (Broker broker =
                        Broker.start(BrokerConfig.builder(data()).adminPort(0).build());
                OfficialClients clients = new OfficialClients(broker.address())) {
            clients.producer("senders").send(OfficialClients.message("shown", "t", "x"));
            URI status = URI.create(
                    "http://127.0.0.1:" + broker.adminAddress().orElseThrow().getPort() + "/status");
            HttpClient http = HttpClient.newHttpClient();

            HttpResponse<String> answer =
                    http.send(HttpRequest.newBuilder(status).build(), HttpResponse.BodyHandlers.ofString());
            HttpResponse<String> refused = http.send(
                    HttpRequest.newBuilder(status)
                            .POST(HttpRequest.BodyPublishers.ofString("{}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body())
                    .contains("\"address\":\"" + broker.address() + "\"")
                    .contains("\"name\":\"shown\"")
                    .contains("\"messages\":1")
                    .contains("\"connections\":");
            assertThat(refused.statusCode()).isEqualTo(405);
        }
    }
}
