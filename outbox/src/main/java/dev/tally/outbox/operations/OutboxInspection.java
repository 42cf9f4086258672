package dev.tally.outbox.operations;

import dev.tally.outbox.ParkedEntry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Looks at the outbox. Changes nothing. Thread-safe.
 *
 * <p>All methods throw {@link org.springframework.dao.DataAccessException} when the database cannot be used.
 *
 * @since 0.1
 */
public final class OutboxInspection {

    /** Rows of a page at most. */
    public static final int LONGEST_PAGE = 1_000;

    private static final int FIRST_OF_PREVIEW = 10;
    private static final int LOOK = 100_000;

    private final OperationsStore rows;
    private final ReadProgress progress;

    /**
     * Creates it.
     *
     * @param nodeExpiry the relay's: silence after which a node counts as dead
     */
    public OutboxInspection(OperationsStore rows, ProgressStore progress, Duration nodeExpiry) {
        this.rows = rows;
        this.progress = new ReadProgress(progress, nodeExpiry);
    }

    /**
     * Parked rows, ascending by id.
     *
     * @param afterId only rows with higher ids: the last id of the page before
     * @param limit rows at most, up to {@value #LONGEST_PAGE}
     */
    public ParkedPage parked(ParkedFilter filter, long afterId, int limit) {
        int most = Math.max(1, Math.min(LONGEST_PAGE, limit));
        List<ParkedRow> found = rows.parked(filter, afterId, most);
        long last = found.isEmpty() ? afterId : found.get(found.size() - 1).id();
        return new ParkedPage(found, last, found.size() == most);
    }

    /** A parked row with its payload. */
    public Optional<ParkedEntry> find(long id) {
        return Optional.ofNullable(rows.find(id));
    }

    /** What an act on all rows of a filter would be about. */
    public ParkedPreview preview(ParkedFilter filter) {
        return rows.preview(filter, FIRST_OF_PREVIEW);
    }

    /**
     * Counts waiting rows by a property, the most first; {@value #LOOK} rows are looked at.
     *
     * @param groups groups at most
     */
    public List<WaitingGroup> waitingBy(WaitingGroup.By by, int groups) {
        return rows.waitingBy(by, LOOK, Math.max(1, groups));
    }

    /** Whether messages get on, and which do not. A few small queries: best not more often than every few seconds. */
    public OutboxProgress progress() {
        return progress.read();
    }
}
