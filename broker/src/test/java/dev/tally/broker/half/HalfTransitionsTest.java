package dev.tally.broker.half;

import static dev.tally.broker.store.HalfState.COMMITTED;
import static dev.tally.broker.store.HalfState.PARKED;
import static dev.tally.broker.store.HalfState.PREPARED;
import static dev.tally.broker.store.HalfState.ROLLED_BACK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.tally.broker.store.HalfState;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HalfTransitionsTest {

    private static final Set<String> MOVES = Set.of(
            PREPARED + ">" + COMMITTED,
            PREPARED + ">" + ROLLED_BACK,
            PREPARED + ">" + PARKED,
            PARKED + ">" + COMMITTED,
            PARKED + ">" + ROLLED_BACK,
            PARKED + ">" + PREPARED);

    @Test
    void allowsTheMovesOfTheTableAndNoOther() {
        for (HalfState from : HalfState.values()) {
            for (HalfState to : HalfState.values()) {
                assertThat(HalfTransitions.allowed(from, to))
                        .as("%s to %s", from, to)
                        .isEqualTo(MOVES.contains(from + ">" + to));
            }
        }
    }

    @Test
    void namesTheMoveThatItRefuses() {
        assertThatIllegalStateException()
                .isThrownBy(() -> HalfTransitions.require(4711, COMMITTED, ROLLED_BACK))
                .withMessageContaining("4711")
                .withMessageContaining("COMMITTED")
                .withMessageContaining("ROLLED_BACK");
    }
}
