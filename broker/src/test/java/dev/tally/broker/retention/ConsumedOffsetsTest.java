package dev.tally.broker.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.store.CommittedOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsumedOffsetsTest {

    private static final ConsumedOffsets CONSUMED = ConsumedOffsets.of(List.of(
            new CommittedOffset("fast", "orders", 0, 50),
            new CommittedOffset("slow", "orders", 0, 20),
            new CommittedOffset("fast", "orders", 1, 70),
            new CommittedOffset("fast", "stock", 0, 5)));

    @Test
    void theSlowestGroupCounts() {
        assertThat(CONSUMED.of("orders", 0, 3)).isEqualTo(20);
        assertThat(CONSUMED.of("stock", 0, 3)).isEqualTo(5);
    }

    @Test
    void aGroupThatHasNotBegunInAQueueOfItsTopicHasConsumedNothingOfIt() {
        assertThat(CONSUMED.of("orders", 1, 3)).isEqualTo(3);
    }

    @Test
    void whatNobodyConsumesIsNotConsumed() {
        assertThat(CONSUMED.of("orders", 2, 7)).isEqualTo(7);
        assertThat(CONSUMED.of("payments", 0, 0)).isZero();
    }
}
