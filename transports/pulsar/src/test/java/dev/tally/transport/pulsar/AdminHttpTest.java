package dev.tally.transport.pulsar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.pulsar.client.api.AuthenticationFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How Pulsar's administration is asked, with servers that stand in for brokers. */
class AdminHttpTest {

    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private HttpServer first;
    private HttpServer second;

    @BeforeEach
    void startServers() throws IOException {
        first = start();
        second = start();
        answer(second, "/here", 200, "{\"found\": 7}");
        first.createContext("/here", exchange -> {
            exchange.getResponseHeaders().add("Location", url(second) + "/here");
            exchange.sendResponseHeaders(307, -1);
            exchange.close();
        });
        answer(first, "/refused", 412, "{\"reason\": \"Subscription is busy\"}");
        answer(first, "/strange", 200, "<html>");
        answer(first, "/gone", 404, "<html>nobody</html>");
    }

    @AfterEach
    void stopServers() {
        first.stop(0);
        second.stop(0);
    }

    private static HttpServer start() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
        return server;
    }

    private void answer(HttpServer server, String path, int status, String body) {
        server.createContext(path, exchange -> {
            asked.add(exchange.getRequestMethod() + " "
                    + exchange.getRequestHeaders().getFirst("Authorization") + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    private static String url(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private static AdminHttp http(String serviceUrl) {
        return new AdminHttp(new PulsarAdminSettings(
                serviceUrl,
                Duration.ofSeconds(5),
                Duration.ofSeconds(20),
                Duration.ofSeconds(10),
                AuthenticationFactory.token("secret"),
                null));
    }

    @Test
    void followsToTheBrokerThatHasTheTopicWithAuthenticationAndBody() {
        try (AdminHttp http = http(url(first))) {
            var answer = http.send("POST", "/here", Map.of("entryId", 3)).join();

            assertThat(http.read(answer).path("found").asInt()).isEqualTo(7);
            assertThat(asked).containsExactly("POST Bearer secret {\"entryId\":3}");
        }
    }

    @Test
    void asksTheNextAddressWhereOneCannotBeReached() {
        String gone = url(first);
        first.stop(0);
        try (AdminHttp http = http(gone + ", " + url(second) + "/")) {
            assertThat(http.get("/here").join().statusCode()).isEqualTo(200);
        }
        try (AdminHttp http = http(gone)) {
            assertThatThrownBy(() -> http.get("/here").join())
                    .hasMessageContaining("GET /here of Pulsar's administration");
        }
    }

    @Test
    void saysWhatWasRefusedAndWhy() {
        try (AdminHttp http = http(url(first) + "," + url(second))) {
            assertThatThrownBy(() -> http.get("/refused").join())
                    .cause()
                    .isInstanceOfSatisfying(AdminRefusal.class, refusal -> {
                        assertThat(refusal.isMissing()).isFalse();
                        assertThat(refusal)
                                .hasMessage("GET " + url(first) + "/refused was answered 412, Subscription is busy");
                    });
            assertThatThrownBy(() -> http.get("/gone").join())
                    .cause()
                    .isInstanceOfSatisfying(AdminRefusal.class, refusal -> assertThat(refusal.isMissing())
                            .isTrue());
            assertThatThrownBy(() -> http.read(http.get("/strange").join())).hasMessageContaining("no JSON: <html>");
        }
    }

    @Test
    void refusesAddressesAndTimesThatCannotBe() {
        for (String wrong : List.of("", "pulsar://127.0.0.1:6650", "127.0.0.1:8080", "http://a:1,", "http://a b")) {
            assertThatThrownBy(() -> PulsarAdminSettings.of(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("serviceUrl has '");
        }
        Duration second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> new PulsarAdminSettings("http://a", second, second, Duration.ZERO, null, null))
                .hasMessageContaining("readTimeout is PT0S");
    }
}
