package dev.tally.sample.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.tally.consume.IdempotentConsumer;
import dev.tally.message.MessageType;
import dev.tally.publish.MessagePublisher;
import dev.tally.sample.stock.reserve.OrderPlaced;
import dev.tally.sample.stock.shelf.Reservation;
import dev.tally.sample.stock.shelf.Reservations;
import dev.tally.sample.stock.shelf.Shelf;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.transaction.support.TransactionTemplate;

/** Orders come through the broker, which runs inside the test; the test plays the order service. */
@SpringBootTest
@AutoConfigureMockMvc
@Import(BrokerInside.class)
class ReserveStockTest {

    private static final Duration SOON = Duration.ofMinutes(1);

    @Autowired
    private MockMvcTester http;

    @Autowired
    private Shelf shelf;

    @Autowired
    private Reservations reservations;

    @Autowired
    private MessagePublisher publisher;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private OrderServicePart orderService;

    @Test
    void reservesEveryLineAndAnswers() {
        place("r1", line("A1", 2), line("B1", 3), line("A1", 5));

        assertThat(answerFor("r1")).isEqualTo("reserved");
        assertThat(http.get().uri("/stock/A1"))
                .bodyJson()
                .isLenientlyEqualTo("{\"onHand\": 1000, \"reserved\": 7, \"available\": 993}");
        assertThat(reservationsOf("r1"))
                .extracting(Reservation::lineNo, Reservation::sku, Reservation::quantity)
                .containsExactly(tuple(1, "A1", 2), tuple(2, "B1", 3), tuple(3, "A1", 5));
    }

    @Test
    void reservesNothingOfAnOrderThatIsTooBigAndSaysOfWhat() {
        place("r2", line("A2", 2), line("B2", 600), line("B2", 401));

        assertThat(answerFor("r2")).isEqualTo("B2: 1001 asked, 1000 available");
        assertThat(reservationsOf("r2")).isEmpty();
        assertThat(http.get().uri("/stock/A2"))
                .bodyJson()
                .isLenientlyEqualTo("{\"onHand\": 1000, \"reserved\": 0, \"available\": 1000}");
    }

    @Test
    void losesNoReservationWhenOrdersForTheSameProductsComeTogether() {
        for (int i = 0; i < 60; i++) {
            if (i % 2 == 0) {
                place("c" + i, line("A3", 20), line("B3", 1));
            } else {
                place("c" + i, line("B3", 1), line("A3", 20));
            }
        }
        for (int i = 0; i < 60; i++) {
            answerFor("c" + i);
        }

        long reserved = orderService.answers.entrySet().stream()
                .filter(answer ->
                        answer.getKey().startsWith("c") && answer.getValue().equals("reserved"))
                .count();
        assertThat(reserved).isEqualTo(50);
        assertThat(shelf.findById("A3").orElseThrow().available()).isZero();
        assertThat(shelf.findById("B3").orElseThrow().reserved()).isEqualTo(50);
        assertThat(orderService.answeredTwice).isEmpty();
    }

    @Test
    void showsStockAndReservationsAPageAtATime() {
        place("p1", line("Z1", 1), line("Z2", 2), line("Z3", 3));
        answerFor("p1");

        assertThat(http.get().uri("/stock?after=Z&limit=2"))
                .bodyJson()
                .isLenientlyEqualTo("{\"items\": [{\"sku\": \"Z1\"}, {\"sku\": \"Z2\"}], \"next\": \"Z2\"}");
        assertThat(http.get().uri("/stock?after=Z2&limit=2"))
                .bodyJson()
                .isLenientlyEqualTo("{\"items\": [{\"sku\": \"Z3\"}], \"next\": null}");
        Long before = reservationsOf("p1").get(0).id() - 1;
        assertThat(http.get().uri("/reservations?after=" + before + "&limit=1"))
                .bodyJson()
                .isLenientlyEqualTo(
                        "{\"items\": [{\"orderId\": \"p1\", \"line\": 1, \"sku\": \"Z1\", \"quantity\": 1}],"
                                + " \"next\": \"" + (before + 1) + "\"}");
    }

    @Test
    void refusesQuestionsThatMakeNoSense() {
        assertThat(http.get().uri("/stock/none")).hasStatus(404);
        assertThat(http.get().uri("/stock?limit=0")).hasStatus(400);
        assertThat(http.get().uri("/reservations?after=x")).hasStatus(400);
    }

    private void place(String orderId, OrderPlaced.Line... lines) {
        transaction.executeWithoutResult(
                status -> publisher.publish("orders", orderId, new OrderPlaced(orderId, List.of(lines))));
    }

    private String answerFor(String orderId) {
        return await().atMost(SOON).until(() -> orderService.answers.get(orderId), answer -> answer != null);
    }

    private List<Reservation> reservationsOf(String orderId) {
        return reservations.findAll().stream()
                .filter(reservation -> reservation.orderId().equals(orderId))
                .sorted(Comparator.comparing(Reservation::lineNo))
                .toList();
    }

    private static OrderPlaced.Line line(String sku, int quantity) {
        return new OrderPlaced.Line(sku, quantity);
    }

    @TestConfiguration
    static class Parts {

        @Bean
        OrderServicePart orderServicePart() {
            return new OrderServicePart();
        }
    }

    /** Notes the answers. */
    static class OrderServicePart {

        private final Map<String, String> answers = new ConcurrentHashMap<>();
        private final Map<String, String> answeredTwice = new ConcurrentHashMap<>();

        @IdempotentConsumer(topic = "stock-reserved", group = "order-service")
        public void on(Reserved answer) {
            note(answer.orderId(), "reserved");
        }

        @IdempotentConsumer(topic = "stock-rejected", group = "order-service")
        public void on(Rejected answer) {
            note(answer.orderId(), answer.reason());
        }

        private void note(String orderId, String answer) {
            String before = answers.put(orderId, answer);
            if (before != null) {
                answeredTwice.put(orderId, before);
            }
        }
    }

    @MessageType("stock-reserved")
    record Reserved(String orderId) {}

    @MessageType("stock-rejected")
    record Rejected(String orderId, String reason) {}
}
