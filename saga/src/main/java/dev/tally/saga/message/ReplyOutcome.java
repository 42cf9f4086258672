package dev.tally.saga.message;

import java.util.Locale;

/**
 * What became of a command.
 *
 * @since 0.1
 */
public enum ReplyOutcome {
    /** It took effect, now or earlier. */
    DONE,

    /** It had no effect and never will, for a reason of the business. */
    REFUSED,

    /** It failed, and may be tried again; whether it took effect is not known. */
    FAILED,

    /** It came after its deadline and was not tried. */
    EXPIRED,

    /** Its saga is older than the participant remembers, so whether it took effect earlier is not known. */
    FORGOTTEN,

    /** It came after its own compensation and had no effect. */
    FENCED;

    /** The value of the header {@link SagaHeaders#OUTCOME}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
