package dev.tally.broker.half;

import dev.tally.broker.collect.DueHeap;
import dev.tally.broker.queue.MessageRef;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.UndecidedHalf;
import org.jspecify.annotations.Nullable;

/** An undecided half message in memory: 145 bytes with its {@link MessageRef} and its slots, measured with a million. */
final class Half extends DueHeap.Due {

    final MessageRef message;
    final String producerGroup;
    final long preparedAtMillis;
    final long delayMillis;
    final long immunityMillis;
    int checks;
    HalfState state = HalfState.PREPARED;

    /** What the record that is being written now will make of it; {@code null} without one. */
    @Nullable HalfState planned;

    Half(MessageRef message, String producerGroup, long preparedAtMillis, long delayMillis, long immunityMillis) {
        this.message = message;
        this.producerGroup = producerGroup;
        this.preparedAtMillis = preparedAtMillis;
        this.delayMillis = delayMillis;
        this.immunityMillis = immunityMillis;
    }

    HalfState effectiveState() {
        HalfState next = planned;
        return next != null ? next : state;
    }

    UndecidedHalf describe() {
        return new UndecidedHalf(message.position(), producerGroup, state, preparedAtMillis, checks);
    }
}
