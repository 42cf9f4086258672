package dev.tally.sample.demo.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OrderGeneratorTest {

    @Test
    void theSameSeedMakesTheSameOrders() {
        assertThat(generate(7)).isEqualTo(generate(7));
        assertThat(generate(7)).isNotEqualTo(generate(8));
    }

    @Test
    void mostOrdersAreGoodSomeHaveABadLineAndSomeAreTooBig() {
        List<NewOrder> orders = generate(42);

        assertThat(orders).hasSize(2000);
        assertThat(orders).extracting(NewOrder::orderId).doesNotHaveDuplicates();
        assertThat(orders.stream().filter(OrderGeneratorTest::hasABadLine).count())
                .isBetween(40L, 140L);
        assertThat(orders.stream().filter(OrderGeneratorTest::isTooBig).count()).isBetween(20L, 120L);
    }

    private static boolean hasABadLine(NewOrder order) {
        return order.lines().stream()
                .anyMatch(line -> line.quantity() < 1 || line.sku().isBlank());
    }

    private static boolean isTooBig(NewOrder order) {
        return order.lines().stream().anyMatch(line -> line.quantity() > 1000);
    }

    @Test
    void someOrdersAreCancelledAfterTheyWerePlaced() {
        Workload workload = new OrderGenerator(new SplittableRandom(42), 1000).generate(2000, "test");

        assertThat(workload.cancellations()).hasSizeBetween(50, 160).allSatisfy(cancellation -> {
            int number = Integer.parseInt(cancellation.orderId().substring(1));
            assertThat(cancellation.after()).isBetween(number, Math.min(2000, number + 60));
        });
    }

    private static List<NewOrder> generate(long seed) {
        return new OrderGenerator(new SplittableRandom(seed), 1000)
                .generate(2000, "test")
                .orders();
    }
}
