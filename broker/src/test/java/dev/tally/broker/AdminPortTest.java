package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminPortTest {

    @TempDir
    private Path directory;

    private Broker broker;

    @BeforeEach
    void startBroker() {
        broker = Broker.start(BrokerConfig.builder(directory).adminPort(0).build());
    }

    @AfterEach
    void stopBroker() {
        broker.close();
    }

    private InetSocketAddress admin() {
        return broker.adminAddress().orElseThrow();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + admin().getPort() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void metricsAreInTheFormThatPrometheusReads() throws Exception {
        try (OfficialClients clients = new OfficialClients(broker.address())) {
            clients.producer("makers").send(OfficialClients.message("orders", "t", "x"));
        }
        HttpResponse<String> metrics = get("/metrics");

        assertThat(metrics.headers().firstValue("Content-Type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
        List<String> lines = metrics.body().lines().toList();
        assertThat(lines)
                .contains(
                        "# TYPE tally_broker_messages_total counter",
                        "tally_broker_messages_total 1",
                        "# TYPE tally_broker_undecided gauge",
                        "tally_broker_undecided 0",
                        "tally_broker_topic_messages_total{topic=\"orders\"} 1",
                        "tally_broker_requests_total{code=\"310\",result=\"0\"} 1",
                        "tally_broker_decisions_total{by=\"producer\",decision=\"commit\"} 0",
                        "tally_broker_storage_state 0")
                .allMatch(line -> line.matches(
                        "# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*\\})? -?[0-9.E]+"));
        assertThat(lines.stream().filter(line -> line.startsWith("# TYPE"))).doesNotHaveDuplicates();
    }

    @Test
    void theSameNumbersGoToMicrometer() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new BrokerMeters(broker).bindTo(registry);
        try (OfficialClients clients = new OfficialClients(broker.address())) {
            clients.producer("makers").send(OfficialClients.message("orders", "t", "x"));
            assertThat(registry.get("tally.broker.connections").gauge().value()).isPositive();
        }
        assertThat(registry.get("tally.broker.messages").functionCounter().count())
                .isEqualTo(1);
        assertThat(registry.get("tally.broker.decisions")
                        .tags("decision", "rollback", "by", "check_back")
                        .functionCounter()
                        .count())
                .isZero();
    }

    @Test
    void thePageIsReadableAndShowsNamesAsText() throws Exception {
        try (OfficialClients clients = new OfficialClients(broker.address(), client -> client.setUnitName("<b>"))) {
            clients.consumed("shop", "orders", "*");
            org.awaitility.Awaitility.await()
                    .atMost(java.time.Duration.ofSeconds(60))
                    .until(() -> get("/").body().contains("&lt;b&gt;"));
        }
        HttpResponse<String> page = get("/");
        assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'");
        assertThat(page.body())
                .contains("<span class=\"UP\">UP</span>", "<h2>topics</h2>", "<h2>store</h2>", broker.address())
                .doesNotContain("<b>", "null");
    }

    @Test
    void healthAndReadinessAnswerWithACode() throws Exception {
        assertThat(get("/health").statusCode()).isEqualTo(200);
        assertThat(get("/health").body()).isEqualTo("{\"status\":\"UP\"}");
        assertThat(get("/ready").statusCode()).isEqualTo(200);
        assertThat(get("/other").statusCode()).isEqualTo(404);
    }

    @Test
    void aPageOfAnotherSiteWhoseNameResolvesToThisMachineGetsNothing() throws Exception {
        assertThat(statusLine("evil.example:" + admin().getPort())).contains(" 403 ");
        assertThat(statusLine("localhost:" + admin().getPort())).contains(" 200 ");
        assertThat(statusLine("[::1]")).contains(" 200 ");
    }

    private String statusLine(String host) throws IOException {
        try (Socket socket = new Socket(admin().getAddress(), admin().getPort())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream()
                    .write(("GET /status HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElseThrow();
        }
    }
}
