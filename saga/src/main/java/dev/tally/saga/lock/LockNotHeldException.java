package dev.tally.saga.lock;

import dev.tally.message.TallyException;

/**
 * A lock was to be taken from a saga that does not have it. Nothing was changed; look again who has it.
 *
 * @since 0.1
 */
public final class LockNotHeldException extends TallyException {

    /** Says which lock, and who has it. */
    public LockNotHeldException(String message) {
        super("TALLY-SAGA-LOCK-NOT-HELD", message);
    }
}
