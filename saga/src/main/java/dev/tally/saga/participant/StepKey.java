package dev.tally.saga.participant;

import java.util.Comparator;

/**
 * One step of one saga. Their order is the one in which rows are locked.
 *
 * @param sagaId the saga, at most 128 characters
 * @param step the step, at most 128 characters
 * @since 0.1
 */
public record StepKey(String sagaId, String step) implements Comparable<StepKey> {

    private static final Comparator<StepKey> ORDER =
            Comparator.comparing(StepKey::sagaId).thenComparing(StepKey::step);

    @Override
    public int compareTo(StepKey other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return sagaId + '/' + step;
    }
}
