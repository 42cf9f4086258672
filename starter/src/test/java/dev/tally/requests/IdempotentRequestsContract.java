package dev.tally.requests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.requests.RequestsApplication.OrderController;
import dev.tally.requests.RequestsApplication.Recorded;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Requests with keys to a real server, on one database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class IdempotentRequestsContract {

    private static final String ORDER = "{\"item\": \"tea\", \"quantity\": 1}";

    private final HttpClient client = HttpClient.newHttpClient();
    private ConfigurableApplicationContext application;
    private JdbcTemplate jdbc;
    private OrderController controller;
    private Recorded recorded;
    private String address;
    private String key;

    abstract String databaseUrl();

    @BeforeAll
    void start(@TempDir Path directory) {
        application = new SpringApplicationBuilder(RequestsApplication.class)
                .run(
                        "--server.port=0",
                        "--server.address=127.0.0.1",
                        "--spring.datasource.url=" + databaseUrl(),
                        "--tally.jdbc.initialize-schema=always",
                        "--tally.requests.largest-body=10KB",
                        "--tally.rocketmq.close-timeout=1s",
                        "--tally.broker.data-directory=" + directory.resolve("broker"));
        address = "http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port");
        jdbc = application.getBean(JdbcTemplate.class);
        jdbc.execute("CREATE TABLE own_order (item VARCHAR(255) NOT NULL)");
        controller = application.getBean(OrderController.class);
        recorded = application.getBean(Recorded.class);
    }

    @BeforeEach
    void freshKey() {
        jdbc.update("DELETE FROM own_order");
        controller.calls = 0;
        controller.entered = new CountDownLatch(0);
        controller.release = new CountDownLatch(0);
        recorded.events.clear();
        key = UUID.randomUUID().toString();
    }

    @AfterAll
    void stop() {
        application.close();
    }

    private List<String> orders() {
        return jdbc.queryForList("SELECT item FROM own_order", String.class);
    }

    private HttpRequest.Builder request(String path, String body) {
        return HttpRequest.newBuilder(URI.create(address + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    private HttpResponse<String> place(String query) throws IOException, InterruptedException {
        return send(request("/orders" + query, ORDER).header("Idempotency-Key", key));
    }

    private static void assertReplayed(HttpResponse<String> response) {
        assertThat(isReplayed(response))
                .as("%s %s %s", response.statusCode(), response.headers().map(), response.body())
                .isTrue();
    }

    private static boolean isReplayed(HttpResponse<?> response) {
        return response.headers().firstValue("Idempotency-Replayed").isPresent();
    }

    @Test
    @Scenario("messaging-23")
    void aRepeatedRequestGetsTheStoredReply() throws Exception {
        HttpResponse<String> first = place("");
        HttpResponse<String> again = send(request("/orders", ORDER).header("Idempotency-Key", "\"" + key + "\""));

        assertThat(first.statusCode()).isEqualTo(201);
        assertThat(first.body()).isEqualTo("{\"number\":\"n-1\",\"item\":\"tea\"}");
        assertThat(isReplayed(first)).isFalse();
        assertThat(first.headers().firstValue("Set-Cookie")).isPresent();
        assertThat(again.statusCode()).isEqualTo(201);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(again.headers().firstValue("Idempotency-Replayed")).contains("true");
        assertThat(again.headers().firstValue("Location")).contains("/orders/1");
        assertThat(again.headers().allValues("X-Shop")).containsExactly("a", "b");
        assertThat(again.headers().firstValue("Content-Type"))
                .isEqualTo(first.headers().firstValue("Content-Type"));
        assertThat(again.headers().firstValue("Set-Cookie")).isEmpty();
        assertThat(orders()).containsExactly("tea");
        assertThat(recorded.events).containsExactly("handled POST /orders", "duplicate POST /orders");
    }

    @Test
    void aRequestNeedsAKey() throws Exception {
        HttpResponse<String> without = send(request("/orders", ORDER));
        assertThat(without.statusCode()).isEqualTo(400);
        assertThat(without.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(without.body())
                .contains("\"code\":\"TALLY-REQUEST-KEY-MISSING\"")
                .contains("\"status\":400")
                .contains("The header Idempotency-Key is missing");
        for (String invalid : List.of("\"open", "x".repeat(256), "\"a\" b", " ")) {
            HttpResponse<String> response = send(request("/orders", ORDER).header("Idempotency-Key", invalid));
            assertThat(response.statusCode()).as(invalid).isEqualTo(400);
            assertThat(response.body()).contains("TALLY-REQUEST-KEY-INVALID");
        }
        HttpResponse<String> two =
                send(request("/orders", ORDER).header("Idempotency-Key", key).header("Idempotency-Key", key + "2"));
        assertThat(two.statusCode()).isEqualTo(400);
        assertThat(orders()).isEmpty();
    }

    @Test
    void aKeyIsForOneRequest() throws Exception {
        place("");
        HttpResponse<String> otherBody =
                send(request("/orders", "{\"item\": \"tea\", \"quantity\": 2}").header("Idempotency-Key", key));
        HttpResponse<String> otherQuery = place("?then=404");

        assertThat(otherBody.statusCode()).isEqualTo(422);
        assertThat(otherBody.body()).contains("TALLY-REQUEST-KEY-REUSED").contains("Unprocessable Content");
        assertThat(otherQuery.statusCode()).isEqualTo(422);
        assertThat(orders()).containsExactly("tea");
    }

    @Test
    void aKeyIsThatOfAUserAndAnOperation() throws Exception {
        for (String user : List.of("ann", "bob", "ann")) {
            String basic = Base64.getEncoder().encodeToString((user + ":pw").getBytes(StandardCharsets.UTF_8));
            HttpResponse<String> response = send(
                    request("/orders", ORDER).header("Idempotency-Key", key).header("Authorization", "Basic " + basic));
            assertThat(response.statusCode()).isEqualTo(201);
        }
        place("");
        assertThat(send(request("/written", "").header("Idempotency-Key", key)).body())
                .isEqualTo("geschrieben: ä");
        assertThat(orders()).containsExactlyInAnyOrder("tea", "tea", "tea", "written");
    }

    @Test
    void aKeyIsThatOfTheScopeThatTheApplicationTells() throws Exception {
        for (String tenant : List.of("north", "south", "north")) {
            HttpResponse<String> response = send(
                    request("/orders", ORDER).header("Idempotency-Key", key).header("X-Tenant", tenant));
            assertThat(response.statusCode()).isEqualTo(201);
        }
        assertThat(orders()).hasSize(2);
    }

    @Test
    @Scenario("messaging-23")
    void aRequestBesideTheFirstOneIsAConflict() throws Exception {
        controller.entered = new CountDownLatch(1);
        controller.release = new CountDownLatch(1);
        CompletableFuture<HttpResponse<String>> first = client.sendAsync(
                request("/orders", ORDER).header("Idempotency-Key", key).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(controller.entered.await(90, TimeUnit.SECONDS)).isTrue();

        HttpResponse<String> second = place("");
        assertThat(second.statusCode()).isEqualTo(409);
        assertThat(second.headers().firstValue("Retry-After")).contains("1");
        assertThat(second.body()).contains("TALLY-REQUEST-IN-PROCESS");
        controller.release.countDown();

        assertThat(first.get(90, TimeUnit.SECONDS).statusCode()).isEqualTo(201);
        assertReplayed(place(""));
        assertThat(orders()).containsExactly("tea");
    }

    @Test
    @Scenario("messaging-23")
    void aClientThatHasItsReplyCanRepeatItsRequestAtOnce() throws Exception {
        for (int i = 0; i < 200; i++) {
            key = UUID.randomUUID().toString();
            assertThat(place("").statusCode()).isEqualTo(201);
            assertReplayed(place(""));
            assertReplayed(place(""));
        }
        assertThat(orders()).hasSize(200);
    }

    /** Another process: all that is seen of it is its row, not yet committed. */
    @Test
    @Scenario("messaging-23")
    void aRequestBesideOneOfAnotherProcessIsAConflict() throws Exception {
        place("");
        String id = jdbc.queryForObject("SELECT message_id FROM tally_inbox", String.class);
        jdbc.update("DELETE FROM tally_inbox");
        jdbc.update("DELETE FROM tally_reply");
        new TransactionTemplate(application.getBean(PlatformTransactionManager.class)).executeWithoutResult(status -> {
            jdbc.update("INSERT INTO tally_inbox (consumer_group, message_id) VALUES ('tally-http', ?)", id);
            HttpResponse<String> response = unchecked(() -> place(""));
            assertThat(response.statusCode()).isEqualTo(409);
            assertThat(response.body()).contains("TALLY-REQUEST-IN-PROCESS");
            status.setRollbackOnly();
        });
        assertThat(isReplayed(place(""))).isFalse();
        assertThat(orders()).containsExactly("tea", "tea");
    }

    private interface Call<T> {
        T call() throws Exception;
    }

    private static <T> T unchecked(Call<T> call) {
        try {
            return call.call();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    @Scenario("messaging-24")
    void whatFailsIsTakenBackAndTheKeyIsFree() throws Exception {
        assertThat(place("?then=throw").statusCode()).isEqualTo(500);
        HttpResponse<String> refused = place("?then=refuse");
        assertThat(refused.statusCode()).isEqualTo(410);
        assertThat(refused.body()).isEqualTo("refused");
        assertThat(place("?then=503").statusCode()).isEqualTo(503);
        HttpResponse<String> error = send(request("/errors", "").header("Idempotency-Key", key));
        assertThat(error.statusCode()).isEqualTo(404);
        assertThat(orders()).isEmpty();
        assertThat(jdbc.queryForList("SELECT * FROM tally_reply")).isEmpty();
        assertThat(recorded.events)
                .hasSize(4)
                .allMatch(event -> event.startsWith("failed POST /"))
                .anyMatch(event -> event.contains("the handler answered 503"))
                .anyMatch(event -> event.contains("answered with status 410"));

        assertThat(place("").statusCode()).isEqualTo(201);
        assertThat(controller.calls).isEqualTo(4);
        assertThat(orders()).containsExactly("tea");
    }

    @Test
    void whatFailsKeepsTheHeadersThatWereThereBefore() throws Exception {
        HttpResponse<String> failed = place("?then=headers");
        HttpResponse<String> other = send(request("/free/broken", "").header("Idempotency-Key", key));

        assertThat(List.of(failed, other)).allSatisfy(response -> {
            assertThat(response.statusCode()).isEqualTo(500);
            assertThat(response.headers().allValues("X-Outer")).containsExactly("one", "two");
        });
        assertThat(failed.headers().firstValue("X-Shop")).isEmpty();
    }

    @Test
    void whatFailsAfterTheCommitStandsAndIsReportedSo() throws Exception {
        HttpResponse<String> first = send(request("/afterwards", "").header("Idempotency-Key", key));
        HttpResponse<String> again = send(request("/afterwards", "").header("Idempotency-Key", key));

        assertThat(first.statusCode()).isEqualTo(500);
        assertThat(first.body()).doesNotContain("done");
        assertReplayed(again);
        assertThat(again.body()).isEqualTo("done");
        assertThat(orders()).containsExactly("afterwards");
        assertThat(recorded.events).containsExactly("handled POST /afterwards", "duplicate POST /afterwards");
    }

    @Test
    void redirectionsAndRewrittenRepliesAreHeldBackInEveryForm() throws Exception {
        for (boolean repeated : List.of(false, true)) {
            HttpResponse<String> plain =
                    send(request("/redirects/plain", "").header("Idempotency-Key", key + "-plain"));
            HttpResponse<String> status =
                    send(request("/redirects/status", "").header("Idempotency-Key", key + "-status"));
            HttpResponse<String> kept = send(request("/redirects/kept", "").header("Idempotency-Key", key + "-kept"));
            HttpResponse<String> buffer =
                    send(request("/rewritten/buffer", "").header("Idempotency-Key", key + "-buffer"));
            HttpResponse<String> all = send(request("/rewritten/all", "").header("Idempotency-Key", key + "-all"));

            assertThat(List.of(plain, status, kept, buffer, all))
                    .allMatch(response -> isReplayed(response) == repeated);
            assertThat(List.of(plain, status, kept))
                    .allMatch(
                            response -> response.headers()
                                    .firstValue("Location")
                                    .orElse("")
                                    .endsWith("/elsewhere"),
                            "goes elsewhere");
            assertThat(plain.statusCode()).isEqualTo(302);
            assertThat(plain.body()).isEmpty();
            assertThat(status.statusCode()).isEqualTo(307);
            assertThat(status.body()).isEmpty();
            assertThat(kept.statusCode()).isEqualTo(302);
            assertThat(kept.body()).isEqualTo("forgotten or not");
            assertThat(buffer.body()).isEqualTo("right");
            assertThat(all.body()).isEqualTo("right");
        }
        assertThat(orders()).hasSize(3);
    }

    @Test
    void aRefusalThatTheHandlerReturnsIsAReply() throws Exception {
        assertThat(place("?then=404").statusCode()).isEqualTo(404);
        HttpResponse<String> again = place("?then=404");

        assertThat(again.statusCode()).isEqualTo(404);
        assertThat(isReplayed(again)).isTrue();
        assertThat(controller.calls).isOne();
    }

    @Test
    void everyKindOfReplyAndRequestIsKept() throws Exception {
        for (boolean repeated : List.of(false, true)) {
            HttpResponse<String> redirect = send(request("/redirects", "").header("X-Request-Key", key));
            assertThat(redirect.statusCode()).isEqualTo(302);
            assertThat(redirect.headers().firstValue("Location").orElseThrow()).endsWith("/elsewhere");
            HttpResponse<String> written = send(request("/written", "").header("Idempotency-Key", key));
            assertThat(written.body()).isEqualTo("geschrieben: ä");
            HttpResponse<String> form = send(HttpRequest.newBuilder(URI.create(address + "/forms"))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .header("Idempotency-Key", key)
                    .POST(HttpRequest.BodyPublishers.ofString("item=form+tea")));
            assertThat(form.body()).isEqualTo("form form tea");
            HttpResponse<String> upload = send(upload("some text"));
            assertThat(upload.body()).isEqualTo("uploaded some text");
            assertThat(List.of(redirect, written, form, upload)).allMatch(response -> isReplayed(response) == repeated);
        }
        assertThat(send(upload("other text")).statusCode()).isEqualTo(422);
        assertThat(orders()).containsExactlyInAnyOrder("redirect", "written", "form tea", "some text");
    }

    private HttpRequest.Builder upload(String text) {
        String body = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.txt\"\r\n\r\n" + text
                + "\r\n--b--\r\n";
        return HttpRequest.newBuilder(URI.create(address + "/uploads"))
                .header("Content-Type", "multipart/form-data; boundary=b")
                .header("Idempotency-Key", key)
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    @Test
    void aHandlerThatAnswersAFailureOfItsTransactionAnswersItAndFreesItsKey() throws Exception {
        assertThat(place("?then=catch").statusCode()).isEqualTo(422);
        assertThat(orders()).isEmpty();
        HttpResponse<String> again = place("?then=catch");
        assertThat(again.statusCode()).isEqualTo(422);
        assertThat(isReplayed(again)).isFalse();
        assertThat(place("").statusCode()).isEqualTo(201);
        assertThat(orders()).containsExactly("tea");
    }

    @Test
    void bodiesAreBounded() throws Exception {
        HttpResponse<String> request =
                send(request("/orders", ORDER + " ".repeat(20_000)).header("Idempotency-Key", key));
        assertThat(request.statusCode()).isEqualTo(413);
        assertThat(request.body()).contains("TALLY-REQUEST-TOO-LARGE");
        HttpResponse<String> reply = send(request("/large?size=20000", "").header("Idempotency-Key", key));
        assertThat(reply.statusCode()).as(reply.headers() + reply.body()).isEqualTo(500);
        assertThat(orders()).isEmpty();
    }

    @Test
    void otherRequestsAreLeftAlone() throws Exception {
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> response = send(request("/free", "free").header("Idempotency-Key", key));
            assertThat(response.body()).isEqualTo("free");
            assertThat(isReplayed(response)).isFalse();
        }
        assertThat(send(HttpRequest.newBuilder(URI.create(address + "/free")).GET())
                        .body())
                .isEqualTo("free");
        assertThat(orders()).hasSize(2);
        assertThat(recorded.events).isEmpty();
    }

    @Test
    void aReplyThatIsGoneIsAConflict() throws Exception {
        place("");
        jdbc.update("DELETE FROM tally_reply");

        HttpResponse<String> again = place("");
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(again.body()).contains("TALLY-REQUEST-REPLY-GONE");
        assertThat(orders()).containsExactly("tea");
    }

    @BeforeEach
    void forget() {
        jdbc.update("DELETE FROM tally_inbox");
        jdbc.update("DELETE FROM tally_reply");
    }
}
