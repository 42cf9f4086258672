package dev.tally.sample.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.tally.message.MessageType;
import dev.tally.saga.RefusedException;
import dev.tally.saga.SagaState;
import dev.tally.saga.Sagas;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.sample.stock.shelf.Reservation;
import dev.tally.sample.stock.shelf.Reservations;
import dev.tally.sample.stock.shelf.Shelf;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.transaction.support.TransactionTemplate;

/** Commands come through the broker, which runs inside the test; the test plays the order service with sagas of its own. */
@SpringBootTest(properties = "spring.datasource.url=jdbc:h2:mem:sagas;DB_CLOSE_DELAY=-1")
@Import(BrokerInside.class)
class SagaStockTest {

    private static final Duration SOON = Duration.ofMinutes(2);

    @Autowired
    private Sagas sagas;

    @Autowired
    private Shelf shelf;

    @Autowired
    private Reservations reservations;

    @Autowired
    private TransactionTemplate transaction;

    @Test
    void reservesEveryLine() {
        assertThat(run("place", new Wanted("s1", 3, false, null))).isEqualTo(SagaState.COMPLETED);

        assertThat(reservationsOf("s1"))
                .extracting(Reservation::lineNo, Reservation::sku, Reservation::quantity)
                .containsExactly(tuple(1, "A-s1", 3), tuple(2, "B-s1", 1));
        assertThat(reservedOf("A-s1")).isEqualTo(3);
    }

    @Test
    void refusesWhatIsTooBigWithTheReasonAndReservesNothing() {
        assertThat(run("place", new Wanted("s2", 1001, false, null))).isEqualTo(SagaState.COMPENSATED);

        assertThat(reservationsOf("s2")).isEmpty();
        assertThat(reservedOf("B-s2")).isZero();
        assertThat(OrderServicePart.reasonOf("s2")).isEqualTo("A-s2: 1001 asked, 1000 available");
    }

    @Test
    void releasesWhatASagaTurnsBackFrom() {
        assertThat(run("place", new Wanted("s3", 3, true, null))).isEqualTo(SagaState.COMPENSATED);

        assertThat(reservationsOf("s3")).isEmpty();
        assertThat(reservedOf("A-s3")).isZero();
        assertThat(reservedOf("B-s3")).isZero();
    }

    @Test
    void givesBackWhatAConfirmedOrderHadAndNothingOfAnOrderThatHasNothing() {
        run("place", new Wanted("s4", 3, false, null));
        run("place", new Wanted("s4x", 2, false, null));

        assertThat(run("back", new Wanted("s4", 0, false, null))).isEqualTo(SagaState.COMPLETED);
        assertThat(run("back", new Wanted("nobody", 0, false, null))).isEqualTo(SagaState.COMPLETED);

        assertThat(reservationsOf("s4")).isEmpty();
        assertThat(reservedOf("A-s4")).isZero();
        assertThat(reservedOf("A-s4x")).isEqualTo(2);
    }

    private SagaState run(String saga, Wanted wanted) {
        transaction.executeWithoutResult(status -> sagas.start(saga, wanted.orderId(), wanted));
        return await().atMost(SOON)
                .until(() -> sagas.find(saga, wanted.orderId()).state(), SagaState::isEnd);
    }

    private List<Reservation> reservationsOf(String orderId) {
        return reservations.findByOrderId(orderId).stream()
                .sorted(Comparator.comparing(Reservation::lineNo))
                .toList();
    }

    private long reservedOf(String sku) {
        return shelf.findById(sku).orElseThrow().reserved();
    }

    record Wanted(
            String orderId,
            int quantity,
            boolean regretted,
            @Nullable String reason) {}

    @TestConfiguration
    static class OrderServicePart {

        private static final Map<String, String> REASONS = new ConcurrentHashMap<>();

        static @Nullable String reasonOf(String orderId) {
            return REASONS.get(orderId);
        }

        @Bean
        SagaDefinition<Wanted> place() {
            return SagaDefinition.named("place", Wanted.class)
                    .compensatable("begin", step -> step.local((order, context) -> order)
                            .undoneLocally((order, context) -> {
                                if (order.reason() != null) {
                                    REASONS.put(order.orderId(), order.reason());
                                }
                                return order;
                            }))
                    .compensatable("reserve", step -> step.command(
                                    "stock",
                                    order -> new Reserve(
                                            order.orderId(),
                                            List.of(
                                                    new Line("A-" + order.orderId(), order.quantity()),
                                                    new Line("B-" + order.orderId(), 1))))
                            .onRefused(
                                    Shortage.class,
                                    (order, refusal) -> new Wanted(
                                            order.orderId(), order.quantity(), order.regretted(), refusal.reason()))
                            .compensation(order -> new Release(order.orderId())))
                    .pivot(
                            "decide",
                            step -> step.local((order, context) -> {
                                if (order.regretted()) {
                                    throw new RefusedException("regretted");
                                }
                                return order;
                            }))
                    .build();
        }

        @Bean
        SagaDefinition<Wanted> back() {
            return SagaDefinition.named("back", Wanted.class)
                    .retriable("give-back", step -> step.command("stock", order -> new GiveBack(order.orderId())))
                    .build();
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
