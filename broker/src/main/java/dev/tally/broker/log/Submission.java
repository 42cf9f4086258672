package dev.tally.broker.log;

import dev.tally.broker.store.StoreRejectedException;
import dev.tally.broker.store.StoreUnavailableException;
import java.util.List;

/**
 * A unit of work for the log's writer: planned, written and applied in the order in which it was submitted. All methods
 * are called by the writer's thread and must not block.
 *
 * @since 0.1
 */
public interface Submission {

    /** About how many bytes it holds while it waits; constant. Called by the submitting thread as well. */
    int bytes();

    /** Whether it may use the reserve of a full disk: decisions and progress may, new messages may not. */
    boolean essential();

    /**
     * Whether it is answered only when its records are forced. One that does not wait is answered when they are written:
     * a power cut may take what was answered in the last moment before it, always the end of the log. Asked once, when it
     * is planned.
     */
    default boolean waitsForForce() {
        return true;
    }

    /**
     * The records to write, an atomic group: after a crash all are there or none. Empty where there is nothing to write;
     * {@link #durable} is called in turn all the same. Called once, when all submissions of earlier batches are applied.
     */
    List<RecordDraft> plan();

    /**
     * Everything planned is on the disk (where {@link #waitsForForce} is false: in the file), and so is everything
     * submitted before.
     *
     * @param positions where the planned records stand
     * @param timestampMillis the records' timestamp
     */
    void durable(long[] positions, long timestampMillis);

    /** Nothing of it was written. It may have been planned or not. */
    void rejected(StoreRejectedException reason);

    /** The log is fenced: what was planned may or may not be there after a restart. */
    void unknown(StoreUnavailableException reason);
}
