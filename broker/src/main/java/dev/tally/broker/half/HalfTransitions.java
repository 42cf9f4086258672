package dev.tally.broker.half;

import dev.tally.broker.store.Decision;
import dev.tally.broker.store.HalfState;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * The moves of a half message; every other move is refused.
 *
 * <pre>
 * PREPARED -> COMMITTED | ROLLED_BACK | PARKED
 * PARKED   -> COMMITTED | ROLLED_BACK | PREPARED
 * </pre>
 *
 * @since 0.1
 */
public final class HalfTransitions {

    private static final Map<HalfState, Set<HalfState>> ALLOWED = Map.of(
            HalfState.PREPARED, EnumSet.of(HalfState.COMMITTED, HalfState.ROLLED_BACK, HalfState.PARKED),
            HalfState.PARKED, EnumSet.of(HalfState.COMMITTED, HalfState.ROLLED_BACK, HalfState.PREPARED),
            HalfState.COMMITTED, EnumSet.noneOf(HalfState.class),
            HalfState.ROLLED_BACK, EnumSet.noneOf(HalfState.class));

    private HalfTransitions() {}

    /** Whether the move is one of the table. */
    public static boolean allowed(HalfState from, HalfState to) {
        return ALLOWED.getOrDefault(from, Set.of()).contains(to);
    }

    static void require(long position, HalfState from, HalfState to) {
        if (!allowed(from, to)) {
            throw new IllegalStateException(
                    "Cannot move the half message at position " + position + " from " + from + " to " + to);
        }
    }

    /** The state in which a decision leaves a half message. */
    public static HalfState stateAfter(Decision decision) {
        return decision == Decision.COMMIT ? HalfState.COMMITTED : HalfState.ROLLED_BACK;
    }
}
