package dev.tally.saga;

import dev.tally.message.TallyException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown by the work of a step, in a participant or in a local step, that will not be done for a reason of the business:
 * trying again would not help. What the work has written is taken back, and the saga goes its way back.
 *
 * @since 0.1
 */
public class RefusedException extends TallyException {

    private final transient @Nullable Object refusal;

    /**
     * Refuses.
     *
     * @param reason for people; kept in the saga's history
     */
    public RefusedException(String reason) {
        this(reason, null);
    }

    /**
     * Refuses with something that the saga can read.
     *
     * @param reason for people; kept in the saga's history
     * @param refusal what the definition's {@code onRefused} takes
     */
    public RefusedException(String reason, @Nullable Object refusal) {
        super("TALLY-SAGA-STEP-REFUSED", reason);
        this.refusal = refusal;
    }

    /** What the saga can read of it, or {@code null}. */
    public @Nullable Object refusal() {
        return refusal;
    }
}
