package dev.tally.sample.demo.place;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tally.sample.demo.time.Pacing;
import dev.tally.sample.demo.workload.Cancellation;
import dev.tally.sample.demo.workload.NewOrder;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class PlacingTest {

    private final JsonMapper json = JsonMapper.shared();
    private final Map<String, NewOrder> stored = new ConcurrentHashMap<>();
    private final List<String> paths = new CopyOnWriteArrayList<>();
    private final List<Integer> badDays = new ArrayList<>();
    private final ExecutorService pool = Executors.newCachedThreadPool();
    private final List<Cancellation> cancellations = new ArrayList<>();
    private final Map<String, List<Integer>> cancelAnswers = new ConcurrentHashMap<>();
    private HttpServer server;

    @BeforeEach
    void startService() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stopService() {
        server.stop(0);
        pool.shutdownNow();
    }

    @Test
    void placesOrdersByAllWaysInTurn() throws Exception {
        Placed placed = place(List.of(order("1", 1), order("2", 1), order("3", 1), order("4", 1), order("5", 1)));

        assertThat(placed.accepted()).containsOnlyKeys("1", "2", "3", "4", "5");
        assertThat(paths)
                .containsExactlyInAnyOrder(
                        "/orders 1", "/orders/express 2", "/orders 3", "/orders/express 4", "/orders/saga 5");
    }

    @Test
    void cancelsAtTheirMomentsAndAsksAgainAtTheEndForWhatCameTooEarly() throws Exception {
        cancellations.addAll(List.of(
                new Cancellation("1", 1),
                new Cancellation("2", 1),
                new Cancellation("3", 3),
                new Cancellation("4", 3),
                new Cancellation("none", 3)));
        cancelAnswers.put("1", new ArrayList<>(List.of(202)));
        cancelAnswers.put("2", new ArrayList<>(List.of(404, 503, 200)));
        cancelAnswers.put("3", new ArrayList<>(List.of(409)));
        cancelAnswers.put("4", new ArrayList<>(List.of(-409, -409, 202)));
        cancelAnswers.put("none", new ArrayList<>(List.of(404, 404)));

        Placed placed = place(List.of(order("1", 1), order("2", 1), order("3", 1), order("4", 1)));

        assertThat(placed.cancelled()).containsExactlyInAnyOrder("1", "2", "4");
        assertThat(placed.notCancelled()).containsExactlyInAnyOrder("3", "none");
        assertThat(placed.unanswered()).isEmpty();
        assertThat(cancelAnswers.values()).allMatch(List::isEmpty);
    }

    @Test
    void reportsACancellationThatNobodyAnswers() throws Exception {
        cancellations.add(new Cancellation("1", 1));
        cancelAnswers.put("1", new ArrayList<>(Collections.nCopies(2000, 503)));

        Placed placed = place(List.of(order("1", 1)));

        assertThat(placed.unanswered()).containsExactly("1: its cancellation was not answered");
    }

    @Test
    void sendsAnOrderAgainWithoutTheLinesThatWereRefusedAndCountsThem() throws Exception {
        Placed placed = place(List.of(order("1", 1, 0, 5, -3)));

        assertThat(placed.refusedLines()).containsExactly(Map.entry("quantity is less than 1", 2));
        assertThat(stored.get("1").lines()).extracting(NewOrder.Line::quantity).containsExactly(1, 5);
        assertThat(placed.accepted().get("1")).isEqualTo(stored.get("1"));
    }

    @Test
    void givesAnOrderUpOfWhichNoLineIsLeft() throws Exception {
        Placed placed = place(List.of(order("1", 0, 0)));

        assertThat(placed.whollyRefused()).containsExactly("1");
        assertThat(stored).isEmpty();
        assertThat(placed.refusedLines()).containsExactly(Map.entry("quantity is less than 1", 2));
    }

    @Test
    void repeatsAnOrderWithItsIdUntilItIsAnswered() throws Exception {
        badDays.add(503);
        badDays.add(0);

        Placed placed = place(List.of(order("1", 1)));

        assertThat(placed.accepted()).containsOnlyKeys("1");
        assertThat(placed.retries()).isEqualTo(2);
        // The request that broke off had stored the order.
        assertThat(placed.answeredBefore()).isEqualTo(1);
    }

    @Test
    void reportsAnswersThatSendingAgainDoesNotChange() throws Exception {
        badDays.add(409);

        Placed placed = place(List.of(order("1", 1)));

        assertThat(placed.unexpected()).containsExactly("1: HTTP 409");
        assertThat(placed.accepted()).isEmpty();
    }

    @Test
    void givesUpAskingAfterAWhile() throws Exception {
        for (int i = 0; i < 2000; i++) {
            badDays.add(500);
        }

        Placed placed = place(List.of(order("1", 1)));

        assertThat(placed.unanswered()).containsExactly("1: HTTP 500");
    }

    private Placed place(List<NewOrder> orders) throws Exception {
        URI service = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
        Placing placing = new Placing(
                new OrderClient(service, HttpClient.newHttpClient(), json), new QuickPacing(), orders, cancellations);
        placing.run(pool, 1);
        assertThat(placing.done()).isEqualTo(orders.size());
        return placing.placed();
    }

    /** Answers like the order service; a status of the bad days comes first, 0 stores the order and says nothing. */
    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (path.endsWith("/cancellation")) {
            answerCancellation(exchange, path.split("/")[2]);
            return;
        }
        NewOrder order = json.readValue(exchange.getRequestBody(), NewOrder.class);
        int badDay = badDays.isEmpty() ? -1 : badDays.remove(0);
        if (badDay == 0) {
            stored.put(order.orderId(), order);
            exchange.close();
            return;
        }
        paths.add(exchange.getRequestURI() + " " + order.orderId());
        List<String> errors = new ArrayList<>();
        for (int i = 0; i < order.lines().size(); i++) {
            if (order.lines().get(i).quantity() < 1) {
                errors.add("{\"line\":%d,\"field\":\"quantity\",\"reason\":\"is less than 1\"}".formatted(i + 1));
            }
        }
        int status = badDay > 0 ? badDay : errors.isEmpty() ? stored.containsKey(order.orderId()) ? 200 : 201 : 422;
        if (status == 201) {
            stored.put(order.orderId(), order);
        }
        byte[] body = ("{\"status\":" + status + ",\"errors\":[" + String.join(",", errors) + "]}").getBytes();
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** A negative answer says to come again. */
    private void answerCancellation(HttpExchange exchange, String orderId) throws IOException {
        int status = cancelAnswers.get(orderId).remove(0);
        if (status < 0) {
            exchange.getResponseHeaders().set("Retry-After", "1");
        }
        exchange.sendResponseHeaders(Math.abs(status), -1);
        exchange.close();
    }

    private static NewOrder order(String orderId, int... quantities) {
        List<NewOrder.Line> lines = new ArrayList<>();
        for (int quantity : quantities) {
            lines.add(new NewOrder.Line("A" + lines.size(), "a", quantity, BigDecimal.ONE));
        }
        return new NewOrder(orderId, "c", "UK", lines);
    }

    /** Waiting moves the clock and takes no time. */
    private static final class QuickPacing implements Pacing {

        private Instant now = Instant.EPOCH;

        @Override
        public synchronized Instant now() {
            return now;
        }

        @Override
        public synchronized void pause(Duration time) {
            now = now.plus(time);
        }
    }
}
