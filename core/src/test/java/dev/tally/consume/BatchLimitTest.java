package dev.tally.consume;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class BatchLimitTest {

    private Instant now = Instant.EPOCH;
    private final BatchLimit limit = new BatchLimit(32, () -> now);

    @Test
    void halvesWithEachBatchThatIsRolledBackDownToOne() {
        limit.rolledBack(false);
        assertThat(limit.now()).isEqualTo(16);
        for (int i = 0; i < 10; i++) {
            limit.rolledBack(false);
        }
        assertThat(limit.now()).isEqualTo(1);
    }

    @Test
    void growsByBatchesThatWereFullAndNotBeyondTheMost() {
        limit.rolledBack(false);
        limit.committed(3);
        assertThat(limit.now()).as("a small one says nothing").isEqualTo(16);
        for (int i = 0; i < 100; i++) {
            limit.committed(limit.now());
        }
        assertThat(limit.now()).isEqualTo(32);
    }

    @Test
    void staysLowForAWhileAfterAConflict() {
        limit.rolledBack(true);
        now = now.plusSeconds(9);
        limit.committed(16);
        assertThat(limit.now()).isEqualTo(16);
        now = now.plusSeconds(1);
        limit.committed(16);
        assertThat(limit.now()).isEqualTo(17);
    }
}
