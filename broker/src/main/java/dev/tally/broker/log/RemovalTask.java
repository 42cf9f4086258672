package dev.tally.broker.log;

import dev.tally.broker.store.StoreRejectedException;
import dev.tally.broker.store.StoreUnavailableException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Writes where the log begins from now on; when that is forced, the segments before are removed. */
final class RemovalTask implements Submission {

    private final long position;
    private final Segments segments;
    private final SegmentRemover remover;
    private final CompletableFuture<Long> newStart = new CompletableFuture<>();
    private long start;

    RemovalTask(long position, Segments segments, SegmentRemover remover) {
        this.position = position;
        this.segments = segments;
        this.remover = remover;
    }

    static RecordDraft draft(long start) {
        return new RecordDraft(
                RecordKind.START, ByteBuffer.allocate(Long.BYTES).putLong(start).flip());
    }

    CompletableFuture<Long> newStart() {
        return newStart;
    }

    @Override
    public int bytes() {
        return RecordFormat.HEADER + Long.BYTES;
    }

    @Override
    public boolean essential() {
        return true;
    }

    @Override
    public List<RecordDraft> plan() {
        Segment covering = segments.covering(position);
        Segment last = segments.last();
        start = position >= last.base ? last.base : covering == null ? segments.start() : covering.base;
        return start > segments.start() ? List.of(draft(start)) : List.of();
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        remover.remove(segments.dropBefore(start));
        newStart.complete(segments.start());
    }

    @Override
    public void rejected(StoreRejectedException reason) {
        newStart.completeExceptionally(reason);
    }

    @Override
    public void unknown(StoreUnavailableException reason) {
        newStart.completeExceptionally(reason);
    }
}
