package dev.tally.broker.engine;

import dev.tally.broker.engine.CopyWrite.Candidate;
import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.log.CommitLog;
import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.log.SealedSegment;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.retention.RetentionConfig;
import dev.tally.broker.retention.RetentionPlan;
import dev.tally.broker.store.CommittedOffset;
import dev.tally.broker.store.StoreRejectedException;
import dev.tally.broker.store.StoreUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the oldest segments of the log. One pass:
 *
 * <ol>
 *   <li>Find out which segments are expired, and up to where removing them is worth the copies that it takes.
 *   <li>Write the base again where the one in the log stands before that position: topics, groups, progress, the bounds
 *       of the queues, the counters. So what is left of the log still tells everything.
 *   <li>Move the first offset of queues behind what nobody needs, durably.
 *   <li>Copy forward what is needed.
 *   <li>Let the log begin there; its files are deleted.
 * </ol>
 *
 * <p>A crash anywhere in between leaves copies that are needed or do no harm. Passes run on one thread that may wait for
 * the log.
 */
final class Retention {

    private static final Logger log = LoggerFactory.getLogger(Retention.class);
    private static final int CHUNK_BYTES = 256 * 1024;
    private static final int SETTINGS_IN_A_WRITE = 512;
    private static final int SETTING_BYTES = 128;

    private final RetentionConfig config;
    private final BrokerClock clock;
    private final StoreState state;
    private final CommitLog commitLog;
    private final Payloads payloads;
    private final Snapshots snapshots;
    private final int chunkBytes;

    private long basePosition = -1;
    private volatile long pinnedBytes;
    private final LongAdder copiedMessages = new LongAdder();

    Retention(
            StoreConfig config,
            BrokerClock clock,
            StoreState state,
            CommitLog commitLog,
            Payloads payloads,
            Snapshots snapshots) {
        this.config = config.retention();
        this.clock = clock;
        this.state = state;
        this.commitLog = commitLog;
        this.payloads = payloads;
        this.snapshots = snapshots;
        this.chunkBytes = Math.min(CHUNK_BYTES, config.segmentBytes() / 8);
    }

    /** Bytes of expired segments that stay because of what is needed in them. */
    long pinnedBytes() {
        return pinnedBytes;
    }

    /** Messages copied forward since the start. */
    long copiedMessages() {
        return copiedMessages.sum();
    }

    /** One pass; what fails is tried again with the next one. */
    void pass() {
        try {
            long boundary = boundary();
            if (boundary > commitLog.start()) {
                removeBefore(boundary);
            }
        } catch (CompletionException e) {
            if (e.getCause() instanceof StoreRejectedException || e.getCause() instanceof StoreUnavailableException) {
                log.warn(
                        "Cannot remove expired segments now; tried again with the next pass: {}",
                        e.getCause().getMessage());
            } else {
                throw e;
            }
        }
    }

    private long boundary() {
        long start = commitLog.start();
        List<SealedSegment> sealed = commitLog.sealed();
        long expiredUpTo = RetentionPlan.expiredUpTo(sealed, start, commitLog.fileBytes(), config, clock.millis());
        List<SealedSegment> expired =
                sealed.stream().filter(segment -> segment.end() <= expiredUpTo).toList();
        if (expired.isEmpty()) {
            pinnedBytes = 0;
            return start;
        }
        long[] live = new long[expired.size()];
        new LiveMessages(state)
                .forEachBefore(
                        expiredUpTo,
                        (position, location, queueOffset, bytes) -> live[indexOf(expired, location)] += bytes);
        long boundary = RetentionPlan.worthwhileUpTo(expired, start, live);
        pinnedBytes = expiredUpTo - boundary;
        return boundary;
    }

    private static int indexOf(List<SealedSegment> segments, long location) {
        int low = 0;
        int high = segments.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (location < segments.get(middle).end()) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private void removeBefore(long boundary) {
        long from = commitLog.start();
        if (basePosition < boundary) {
            basePosition = writeBase();
        }
        inChunks(queues(), queues -> new BoundsWrite(state, queues, boundary));
        long copied = copyBefore(boundary);
        if (snapshots.lastPosition() < boundary) {
            // Without it the next start would read all that is left; it can, so a failure is no matter.
            snapshots.take().join();
        }
        commitLog.removeBefore(boundary).join();
        state.relocations.forgetBefore(boundary);
        copiedMessages.add(copied);
        log.info("Removed expired segments: from={} to={} copied={}", from, boundary, copied);
    }

    /** Writes everything that is not a message again; answers the position from which on it is all there. */
    private long writeBase() {
        long position =
                submit(new RewriteWrite(SETTING_BYTES, () -> List.of(SmallBodies.draft(state.counters.values()))));
        // Queues before progress: read in this order, no progress lies behind a queue that is not known yet.
        inChunks(
                queues(),
                queues -> rewrite(queues, queue -> new SmallBodies.QueueBounds(
                                queue.topic(), queue.queueId(), queue.first(), queue.next())
                        .draft()));
        // Before progress, which would end what is handed out where it is not known to be handed out yet.
        new PopBase(state, chunkBytes).writes().forEach(this::submit);
        inChunks(
                List.copyOf(state.topics.keySet()),
                names -> rewrite(names, name -> {
                    var topic = state.topics.get(name);
                    return topic == null ? null : SmallBodies.draft(topic);
                }));
        inChunks(
                List.copyOf(state.groups.keySet()),
                names -> rewrite(names, name -> {
                    var group = state.groups.get(name);
                    return group == null ? null : SmallBodies.draft(group);
                }));
        inChunks(
                state.offsets.all(),
                offsets -> rewrite(offsets, was -> {
                    var now = state.offsets.get(was.group(), was.topic(), was.queueId());
                    return now.isEmpty()
                            ? null
                            : SmallBodies.draft(
                                    new CommittedOffset(was.group(), was.topic(), was.queueId(), now.getAsLong()));
                }));
        return position;
    }

    private List<QueueIndex> queues() {
        List<QueueIndex> queues = new ArrayList<>();
        state.queues.forEach(queues::add);
        return queues;
    }

    private static <T> RewriteWrite rewrite(List<T> keys, Function<T, @Nullable RecordDraft> current) {
        return new RewriteWrite(keys.size() * SETTING_BYTES, () -> {
            List<RecordDraft> drafts = new ArrayList<>();
            for (T key : keys) {
                RecordDraft draft = current.apply(key);
                if (draft != null) {
                    drafts.add(draft);
                }
            }
            return drafts;
        });
    }

    private <T> void inChunks(List<T> all, Function<List<T>, PendingWrite<?>> write) {
        int size = Math.max(1, Math.min(SETTINGS_IN_A_WRITE, chunkBytes / SETTING_BYTES));
        for (int from = 0; from < all.size(); from += size) {
            submit(write.apply(all.subList(from, Math.min(from + size, all.size()))));
        }
    }

    private long copyBefore(long boundary) {
        Copier copier = new Copier(boundary);
        new LiveMessages(state).forEachBefore(boundary, copier::needed);
        copier.flush();
        return copier.copied;
    }

    private <T> T submit(PendingWrite<T> write) {
        commitLog.submit(write);
        return write.answer().join();
    }

    /** Gathers messages into writes of a bounded size. */
    private final class Copier {

        private final long boundary;
        private final List<Candidate> gathered = new ArrayList<>();
        private int bytes;
        private long copied;

        Copier(long boundary) {
            this.boundary = boundary;
        }

        void needed(long position, long location, long queueOffset, int recordBytes) {
            if (bytes > 0 && bytes + recordBytes > chunkBytes) {
                flush();
            }
            gathered.add(new Candidate(position, queueOffset));
            bytes += recordBytes;
        }

        void flush() {
            if (!gathered.isEmpty()) {
                copied += submit(new CopyWrite(state, payloads, boundary, List.copyOf(gathered), bytes));
                gathered.clear();
                bytes = 0;
            }
        }
    }
}
