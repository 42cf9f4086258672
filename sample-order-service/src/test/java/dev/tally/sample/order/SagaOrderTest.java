package dev.tally.sample.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.message.MessageType;
import dev.tally.publish.MessagePublisher;
import dev.tally.saga.RefusedException;
import dev.tally.saga.SagaState;
import dev.tally.saga.Sagas;
import dev.tally.saga.StepState;
import dev.tally.saga.participant.SagaAction;
import dev.tally.saga.participant.SagaCompensation;
import dev.tally.saga.participant.SagaParticipant;
import dev.tally.saga.view.SagaViews;
import dev.tally.sample.order.book.OrderBook;
import dev.tally.sample.order.book.OrderStatus;
import dev.tally.sample.order.payments.Payment;
import dev.tally.sample.order.payments.PaymentBook;
import dev.tally.sample.order.payments.SlowPayments;
import dev.tally.sample.order.settle.StockRejected;
import dev.tally.sample.order.settle.StockReserved;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.transaction.support.TransactionTemplate;

/** Orders by sagas, through the broker, which runs inside the test; the test plays the stock service. */
@SpringBootTest(
        properties = {
            "spring.datasource.url=jdbc:h2:mem:sagas;DB_CLOSE_DELAY=-1",
            "sample.payments.refusal-rate=0.3",
            "sample.payments.failure-rate=0.3"
        })
@AutoConfigureMockMvc
@Import(BrokerInside.class)
class SagaOrderTest {

    private static final Duration SOON = Duration.ofMinutes(2);

    @Autowired
    private MockMvcTester http;

    @Autowired
    private OrderBook book;

    @Autowired
    private PaymentBook payments;

    @Autowired
    private Sagas sagas;

    @Autowired
    private SagaViews views;

    @Autowired
    private StockPart stock;

    @Autowired
    private MessagePublisher publisher;

    @Autowired
    private TransactionTemplate transaction;

    @Test
    void anOrderIsConfirmedChargedAndReservedOrCancelledWithNothingLeft() {
        List<String> orders = orders("each-", 20);
        orders.forEach(order -> assertThat(place(order, 2)).hasStatus(201));
        orders.forEach(order -> awaitEnd("place-order", order));

        for (String order : orders) {
            boolean completed = state("place-order", order) == SagaState.COMPLETED;
            assertThat(book.statusOf(order)).hasValue(completed ? OrderStatus.CONFIRMED : OrderStatus.CANCELLED);
            assertThat(stock.reserved.containsKey(order)).isEqualTo(completed);
            assertThat(paymentsOf(order)).isEqualTo(completed ? List.of(Payment.Kind.CHARGE) : List.<Payment.Kind>of());
        }
        assertThat(orders)
                .extracting(order -> state("place-order", order))
                .contains(SagaState.COMPLETED, SagaState.COMPENSATED);
        assertThat(stock.reservedTwice).isEmpty();
    }

    @Test
    void aConfirmedOrderIsCancelledAndRefundedOrStandsWhereTheBankRefuses() {
        List<String> orders = orders("back-", 20);
        orders.forEach(order -> place(order, 2));
        orders.forEach(order -> awaitEnd("place-order", order));
        orders.removeIf(order -> state("place-order", order) != SagaState.COMPLETED);

        orders.forEach(order -> assertThat(cancel(order)).hasStatus(202));
        orders.forEach(order -> awaitEnd("cancel-order", order));

        for (String order : orders) {
            boolean completed = state("cancel-order", order) == SagaState.COMPLETED;
            assertThat(book.statusOf(order)).hasValue(completed ? OrderStatus.CANCELLED : OrderStatus.CONFIRMED);
            assertThat(stock.reserved.containsKey(order)).isEqualTo(!completed);
            assertThat(paymentsOf(order))
                    .isEqualTo(
                            completed
                                    ? List.of(Payment.Kind.CHARGE, Payment.Kind.REFUND)
                                    : List.of(Payment.Kind.CHARGE));
            assertThat(cancel(order)).hasStatus(completed ? 200 : 409);
        }
        assertThat(orders)
                .extracting(order -> state("cancel-order", order))
                .contains(SagaState.COMPLETED, SagaState.COMPENSATED);
    }

    @Test
    void anOrderThatIsTooBigIsCancelledWithTheStockServicesReason() {
        place("big-1", 5000);
        awaitEnd("place-order", "big-1");

        assertThat(http.get().uri("/orders/big-1"))
                .bodyJson()
                .isLenientlyEqualTo("{\"status\": \"CANCELLED\", \"placedVia\": \"SAGA\","
                        + " \"reason\": \"A: 5000 asked, 1000 available\"}");
        assertThat(paymentsOf("big-1")).isEmpty();
    }

    /** The cancellation comes before the point of no return: the order goes its way back, and is never confirmed. */
    @Test
    @Scenario("saga-39")
    void anOrderThatIsCancelledWhileItsStockIsBeingReservedIsNeverConfirmed() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch mayReserve = new CountDownLatch(1);
        stock.held.put("early-1", () -> {
            asked.countDown();
            hold(mayReserve);
        });
        place("early-1", 1);
        assertThat(asked.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();

        assertThat(cancel("early-1"))
                .hasStatus(202)
                .bodyJson()
                .extractingPath("$.status")
                .isEqualTo("PENDING");
        mayReserve.countDown();

        awaitEnd("place-order", "early-1");
        assertThat(state("place-order", "early-1")).isEqualTo(SagaState.COMPENSATED);
        assertThat(book.statusOf("early-1")).hasValue(OrderStatus.CANCELLED);
        assertThat(stock.reserved).doesNotContainKey("early-1");
        assertThat(paymentsOf("early-1")).isEmpty();
        assertThat(cancel("early-1")).hasStatus(200);
    }

    /** The cancellation comes when the order can only be confirmed: it waits for that, and takes it back. */
    @Test
    @Scenario("saga-39")
    void anOrderThatIsCancelledWhileItIsBeingChargedIsConfirmedFirstAndCancelledThen() {
        String order = SlowPayments.order("late-", 0.3, 0.3, 3);
        place(order, 1);
        await().atMost(SOON).untilAsserted(() -> assertThat(stepOf("place-order", order, "charge"))
                .isIn(StepState.ACTIVE, StepState.RETRYING));

        assertThat(cancel(order)).hasStatus(202);
        assertThat(cancel(order)).hasStatus(200);

        awaitEnd("cancel-order", order);
        assertThat(state("place-order", order)).isEqualTo(SagaState.COMPLETED);
        assertThat(state("cancel-order", order)).isEqualTo(SagaState.COMPLETED);
        assertThat(book.statusOf(order)).hasValue(OrderStatus.CANCELLED);
        assertThat(stock.reserved).doesNotContainKey(order);
        assertThat(paymentsOf(order)).containsExactly(Payment.Kind.CHARGE, Payment.Kind.REFUND);
    }

    /** Whenever cancellations come, and however often: both sagas end, and agree with the order. */
    @Test
    @Scenario("saga-39")
    void cancellationsAtAnyMomentLeaveNoOrderCancelledAndConfirmed() {
        List<String> orders = orders("any-", 30);
        for (String order : orders) {
            place(order, 1);
            String before = "any-" + (Integer.parseInt(order.substring(4)) - 5);
            assertThat(cancel(before).getResponse().getStatus()).isIn(200, 202, 404, 409);
        }
        orders.forEach(order -> awaitEnd("place-order", order));
        await().atMost(SOON).untilAsserted(() -> assertThat(orders)
                .extracting(order -> state("cancel-order", order))
                .allMatch(state -> state == null || state.isEnd()));

        for (String order : orders) {
            boolean stands = state("place-order", order) == SagaState.COMPLETED
                    && state("cancel-order", order) != SagaState.COMPLETED;
            assertThat(book.statusOf(order)).hasValue(stands ? OrderStatus.CONFIRMED : OrderStatus.CANCELLED);
            assertThat(stock.reserved.containsKey(order)).isEqualTo(stands);
            long charges = paymentsOf(order).stream()
                    .filter(Payment.Kind.CHARGE::equals)
                    .count();
            assertThat(charges).isEqualTo(state("place-order", order) == SagaState.COMPLETED ? 1 : 0);
            assertThat(paymentsOf(order).size() - charges).isEqualTo(stands ? 0 : charges);
        }
    }

    @Test
    void anOrderOfAnyWayIsCancelledOnceItIsSettled() {
        post("/orders", "plain-1", 3);
        post("/orders", "plain-2", 3);
        assertThat(cancel("plain-1")).hasStatus(409).headers().hasValue("Retry-After", "1");
        transaction.executeWithoutResult(status -> {
            publisher.publish("stock-reserved", "plain-1", new StockReserved("plain-1"));
            publisher.publish("stock-rejected", "plain-2", new StockRejected("plain-2", "none"));
        });
        await().atMost(SOON).until(() -> book.statusOf("plain-1").orElseThrow() == OrderStatus.CONFIRMED);
        await().atMost(SOON).until(() -> book.statusOf("plain-2").orElseThrow() == OrderStatus.REJECTED);

        assertThat(cancel("plain-1")).hasStatus(202);
        assertThat(cancel("plain-2")).hasStatus(409).headers().doesNotContainHeader("Retry-After");
        awaitEnd("cancel-order", "plain-1");

        assertThat(book.statusOf("plain-1")).hasValue(OrderStatus.CANCELLED);
        assertThat(stock.givenBack).contains("plain-1");
        assertThat(paymentsOf("plain-1")).isEmpty();
    }

    @Test
    void answersTheSameOrderAgainAndRefusesAnotherWithItsId() {
        assertThat(place("same-1", 1)).hasStatus(201);
        assertThat(place("same-1", 1)).hasStatus(200);
        assertThat(place("same-1", 2)).hasStatus(409);
        assertThat(post("/orders", "same-1", 1)).hasStatus(200);
        assertThat(place("bad-1", 0)).hasStatus(422);
        assertThat(state("place-order", "bad-1")).isNull();
        assertThat(cancel("bad-1")).hasStatus(404);
    }

    @Test
    void showsSagasAndPaymentsAPageAtATime() {
        String order = SlowPayments.order("shown-", 0.3, 0.3, 0);
        place(order, 4);
        awaitEnd("place-order", order);

        String before = order.substring(0, order.length() - 1);
        assertThat(http.get().uri("/sagas?limit=1&after=" + before))
                .bodyJson()
                .isLenientlyEqualTo("{\"items\": [{\"orderId\": \"%s\", \"placing\": \"COMPLETED\",".formatted(order)
                        + " \"cancelling\": null}], \"next\": \"%s\"}".formatted(order));
        Long number = payments.findByOrderIdOrderById(order).get(0).id() - 1;
        assertThat(http.get().uri("/payments?limit=1&after=" + number))
                .bodyJson()
                .isLenientlyEqualTo(
                        "{\"items\": [{\"orderId\": \"%s\", \"kind\": \"CHARGE\", \"amount\": 6.0}],".formatted(order)
                                + " \"next\": \"" + (number + 1) + "\"}");
    }

    private static List<String> orders(String prefix, int count) {
        return new ArrayList<>(
                IntStream.range(0, count).mapToObj(i -> prefix + i).toList());
    }

    private MvcTestResult place(String orderId, int quantity) {
        return post("/orders/saga", orderId, quantity);
    }

    private MvcTestResult post(String path, String orderId, int quantity) {
        return http.post()
                .uri(path)
                .contentType(MediaType.APPLICATION_JSON)
                .content("""
                        {"orderId": "%s", "lines": [{"sku": "A", "quantity": %d, "unitPrice": 1.5}]}
                        """.formatted(orderId, quantity))
                .exchange();
    }

    private MvcTestResult cancel(String orderId) {
        return http.post().uri("/orders/" + orderId + "/cancellation").exchange();
    }

    private void awaitEnd(String saga, String order) {
        await().atMost(SOON).untilAsserted(() -> assertThat(state(saga, order))
                .as("%s of %s", saga, order)
                .isIn(SagaState.COMPLETED, SagaState.COMPENSATED));
    }

    private @Nullable SagaState state(String saga, String order) {
        var found = sagas.find(saga, order);
        return found == null ? null : found.state();
    }

    private StepState stepOf(String saga, String order, String step) {
        var progress = views.explain(sagas.find(saga, order).id())
                .orElseThrow()
                .steps()
                .get(step);
        return progress == null ? StepState.PENDING : progress.state();
    }

    private List<Payment.Kind> paymentsOf(String order) {
        return payments.findByOrderIdOrderById(order).stream()
                .map(Payment::kind)
                .toList();
    }

    private static void hold(CountDownLatch latch) {
        try {
            assertThat(latch.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @TestConfiguration
    static class Parts {

        @Bean
        StockPart stockPart() {
            return new StockPart();
        }
    }

    /** Notes in memory what is reserved; work outside of transactions, which comes again at most after a crash. */
    @SagaParticipant("stock")
    static class StockPart {

        private final Map<String, Boolean> reserved = new ConcurrentHashMap<>();
        private final Set<String> reservedTwice = ConcurrentHashMap.newKeySet();
        private final Set<String> givenBack = ConcurrentHashMap.newKeySet();
        private final Map<String, Runnable> held = new ConcurrentHashMap<>();

        @SagaAction(transactional = false)
        public void reserve(Reserve command) {
            held.getOrDefault(command.orderId(), () -> {}).run();
            int asked = command.lines().stream().mapToInt(Line::quantity).sum();
            if (asked > 1000) {
                String reason = "A: " + asked + " asked, 1000 available";
                throw new RefusedException(reason, new Shortage(reason));
            }
            if (reserved.put(command.orderId(), true) != null) {
                reservedTwice.add(command.orderId());
            }
        }

        @SagaCompensation(transactional = false)
        public void release(Release command) {
            reserved.remove(command.orderId());
        }

        @SagaAction(transactional = false)
        public void giveBack(GiveBack command) {
            reserved.remove(command.orderId());
            givenBack.add(command.orderId());
        }
    }

    @MessageType("reserve-stock")
    record Reserve(String orderId, List<Line> lines) {}

    record Line(String sku, int quantity) {}

    @MessageType("release-stock")
    record Release(String orderId) {}

    @MessageType("give-stock-back")
    record GiveBack(String orderId) {}

    @MessageType("stock-short")
    record Shortage(String reason) {}
}
