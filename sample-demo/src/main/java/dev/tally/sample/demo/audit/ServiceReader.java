package dev.tally.sample.demo.audit;

import dev.tally.sample.demo.audit.Evidence.StoredOrder;
import dev.tally.sample.demo.audit.Evidence.StoredReservation;
import dev.tally.sample.demo.audit.Evidence.StoredStock;
import dev.tally.sample.demo.audit.SagaEvidence.OrderSagas;
import dev.tally.sample.demo.audit.SagaEvidence.StoredPayment;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads what the services and the broker show over HTTP. Thread-safe.
 *
 * @since 0.1
 */
public final class ServiceReader {

    private static final int PAGE = 500;
    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(30);

    private final URI orders;
    private final URI stock;
    private final URI broker;
    private final HttpClient http;
    private final JsonMapper json;

    /** A reader of the services at these addresses, which end in a slash. */
    public ServiceReader(URI orders, URI stock, URI broker, HttpClient http, JsonMapper json) {
        this.orders = orders;
        this.stock = stock;
        this.broker = broker;
        this.http = http;
        this.json = json;
    }

    /** All stored orders. */
    public List<StoredOrder> orders() throws IOException, InterruptedException {
        return all(orders, "orders?", StoredOrder.class);
    }

    /** The stored orders that nobody has answered yet. */
    public List<StoredOrder> unsettledOrders() throws IOException, InterruptedException {
        return all(orders, "orders?status=PLACED&", StoredOrder.class);
    }

    /** The sagas of all stored orders. */
    public List<OrderSagas> sagas() throws IOException, InterruptedException {
        return all(orders, "sagas?", OrderSagas.class);
    }

    /** How many sagas have not ended, those that wait for a person left out. */
    public long openSagas() throws IOException, InterruptedException {
        return json.readTree(get(orders.resolve("actuator/tallysagas?max=0")))
                .path("open")
                .valueStream()
                .filter(count -> !count.path("state").asString().equals("PARKED"))
                .mapToLong(count -> count.path("count").asLong())
                .sum();
    }

    /** All payments. */
    public List<StoredPayment> payments() throws IOException, InterruptedException {
        return all(orders, "payments?", StoredPayment.class);
    }

    /** All reservations. */
    public List<StoredReservation> reservations() throws IOException, InterruptedException {
        return all(stock, "reservations?", StoredReservation.class);
    }

    /** All products. */
    public List<StoredStock> stock() throws IOException, InterruptedException {
        return all(stock, "stock?", StoredStock.class);
    }

    /** The broker's own account. */
    public BrokerStatus broker() throws IOException, InterruptedException {
        return BrokerStatus.of(json.readTree(get(broker.resolve("status"))));
    }

    private <T> List<T> all(URI service, String what, Class<T> type) throws IOException, InterruptedException {
        JavaType pageType = json.getTypeFactory().constructParametricType(Page.class, type);
        List<T> found = new ArrayList<>();
        String after = "";
        while (after != null) {
            String from = after.isEmpty() ? "" : "&after=" + URLEncoder.encode(after, StandardCharsets.UTF_8);
            Page<T> page = json.readValue(get(service.resolve(what + "limit=" + PAGE + from)), pageType);
            found.addAll(page.items());
            after = page.next();
        }
        return found;
    }

    private byte[] get(URI what) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(what).timeout(ANSWERED_WITHIN).build();
        HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new IOException(what + " answered " + response.statusCode());
        }
        return response.body();
    }

    private record Page<T>(List<T> items, @Nullable String next) {}

    /**
     * What the broker says of itself; its log remembers these across restarts.
     *
     * @param messages messages that became visible
     * @param committedByProducer half messages committed by their producer
     * @param committedByCheckBack half messages committed by the answer to a check-back
     * @param rolledBackByProducer half messages rolled back by their producer
     * @param rolledBackByCheckBack half messages rolled back by the answer to a check-back
     * @param undecided half messages that are not decided yet
     * @param parked half messages that wait for a person
     * @param lag messages that a group has not acknowledged yet
     * @param deadLetters messages that were given up
     */
    public record BrokerStatus(
            long messages,
            long committedByProducer,
            long committedByCheckBack,
            long rolledBackByProducer,
            long rolledBackByCheckBack,
            long undecided,
            long parked,
            long lag,
            long deadLetters) {

        private static final String DEAD_LETTERS = "%DLQ%";

        static BrokerStatus of(JsonNode status) {
            JsonNode store = status.path("store");
            return new BrokerStatus(
                    store.path("messages").asLong(),
                    store.path("committedByProducer").asLong(),
                    store.path("committedByCheckBack").asLong(),
                    store.path("rolledBackByProducer").asLong(),
                    store.path("rolledBackByCheckBack").asLong(),
                    store.path("undecided").asLong(),
                    store.path("parked").asLong(),
                    status.path("groups")
                            .valueStream()
                            .mapToLong(group -> group.path("lag").asLong())
                            .sum(),
                    status.path("topics")
                            .valueStream()
                            .filter(topic -> topic.path("name").asString().startsWith(DEAD_LETTERS))
                            .flatMap(topic -> topic.path("queues").valueStream())
                            .mapToLong(queue -> queue.path("maxOffset").asLong()
                                    - queue.path("minOffset").asLong())
                            .sum());
        }
    }
}
