package dev.tally.sample.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.consume.IdempotentConsumer;
import dev.tally.publish.MessagePublisher;
import dev.tally.sample.order.book.OrderBook;
import dev.tally.sample.order.place.OrderPlaced;
import dev.tally.sample.order.settle.StockRejected;
import dev.tally.sample.order.settle.StockReserved;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.transaction.support.TransactionTemplate;

/** The way of an order through the broker, which runs inside the test; the test plays the stock service. */
@SpringBootTest
@AutoConfigureMockMvc
@Import(BrokerInside.class)
class SettleOrderTest {

    private static final Duration SOON = Duration.ofMinutes(1);

    @Autowired
    private MockMvcTester http;

    @Autowired
    private OrderBook book;

    @Autowired
    private MessagePublisher publisher;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private StockServicePart stockService;

    @Test
    void tellsTheStockServiceOnceOfEachOrderWhicheverWayItWasPlaced() {
        place("/orders", "outbox-1", 2);
        place("/orders/express", "half-1", 3);
        place("/orders", "outbox-1", 2);
        place("/orders/express", "half-1", 3);
        place("/orders", "last-1", 1);

        await().atMost(SOON).untilAsserted(() -> assertThat(stockService.seen("-1"))
                .containsExactlyInAnyOrder(placed("outbox-1", 2), placed("half-1", 3), placed("last-1", 1)));
    }

    @Test
    void tellsTheStockServiceNothingOfARefusedOrder() {
        place("/orders", "good-2", 1);
        place("/orders/express", "bad-2", 0);
        place("/orders/express", "good-2", 9);
        place("/orders/express", "end-2", 1);

        await().atMost(SOON).untilAsserted(() -> assertThat(stockService.seen("-2"))
                .contains(placed("good-2", 1), placed("end-2", 1)));
        assertThat(stockService.seen("-2")).hasSize(2);
    }

    @Test
    void confirmsAnOrderWhoseStockIsReserved() {
        place("/orders", "confirmed-3", 1);

        answer("stock-reserved", "confirmed-3", new StockReserved("confirmed-3"));

        await().atMost(SOON).untilAsserted(() -> assertThat(http.get().uri("/orders/confirmed-3"))
                .bodyJson()
                .extractingPath("$.status")
                .isEqualTo("CONFIRMED"));
    }

    @Test
    void rejectsAnOrderWithTheStockServicesReason() {
        place("/orders/express", "rejected-4", 5000);

        answer("stock-rejected", "rejected-4", new StockRejected("rejected-4", "A: 5000 asked, 1000 available"));

        await().atMost(SOON).untilAsserted(() -> assertThat(http.get().uri("/orders/rejected-4"))
                .bodyJson()
                .isLenientlyEqualTo("{\"status\": \"REJECTED\", \"reason\": \"A: 5000 asked, 1000 available\"}"));
    }

    private void place(String path, String orderId, int quantity) {
        http.post()
                .uri(path)
                .contentType(MediaType.APPLICATION_JSON)
                .content("""
                        {"orderId": "%s", "lines": [{"sku": "A", "quantity": %d, "unitPrice": 1}]}
                        """.formatted(orderId, quantity))
                .exchange();
    }

    private void answer(String topic, String orderId, Object answer) {
        transaction.executeWithoutResult(status -> publisher.publish(topic, orderId, answer));
    }

    private static OrderPlaced placed(String orderId, int quantity) {
        return new OrderPlaced(orderId, List.of(new OrderPlaced.Line("A", quantity)));
    }

    @TestConfiguration
    static class Parts {

        @Bean
        StockServicePart stockServicePart() {
            return new StockServicePart();
        }
    }

    /** Notes the orders it is told of. */
    static class StockServicePart {

        private final List<OrderPlaced> seen = new CopyOnWriteArrayList<>();

        @IdempotentConsumer(topic = "orders", group = "stock-service")
        public void on(OrderPlaced order) {
            seen.add(order);
        }

        List<OrderPlaced> seen(String ending) {
            return seen.stream()
                    .filter(order -> order.orderId().endsWith(ending))
                    .toList();
        }
    }
}
