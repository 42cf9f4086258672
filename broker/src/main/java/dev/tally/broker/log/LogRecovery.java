package dev.tally.broker.log;

import dev.tally.broker.log.DamagePolicy.Damage;
import dev.tally.broker.log.TailSearch.Found;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a log and decides where it ends:
 *
 * <ol>
 *   <li>Records are accepted while they are valid, in sequence and of the running epoch.
 *   <li>At the first invalid one, everything behind it is searched for valid records. One that was written after the
 *       invalid position had been forced proves that acknowledged bytes are damaged: the log is refused.
 *   <li>Otherwise it is a tail that nobody was promised. It is cleared, from the start of its atomic group, and forced.
 *   <li>What was accepted is forced as well: after a mere kill it may be in the page cache alone.
 * </ol>
 *
 * <p>The hole: damage in the very last batch before a crash looks like a torn tail. The writer therefore leaves a
 * {@link RecordKind#MARK} behind the last batch when it has been idle, and when it is closed.
 *
 * <p>A log whose first segment is not the one at position 0 must hold a {@link RecordKind#START} that allows for it (or
 * be opened from a point that does). One with a {@link RecordKind#GAP} may hold records that refer to lost ones; they are
 * counted and skipped.
 */
final class LogRecovery {

    private static final Logger log = LoggerFactory.getLogger(LogRecovery.class);

    private final List<Segment> segments;
    private final List<SegmentScan> scans = new ArrayList<>();
    private final RecordVisitor visitor;
    private final @Nullable LogPoint from;
    private final DamagePolicy policy;
    private final Checksum checksum;

    private final List<LogRecord> group = new ArrayList<>();
    private final long[] byCode = new long[Byte.MAX_VALUE + 1];
    private int index;
    private long position;
    private long sequence = 1;
    private int epoch;
    private long start;
    private long records;
    private long groupSequence;
    private boolean gapped;
    private long skipped;

    /** Segments may grow while the log is recovered, where the policy says so. */
    LogRecovery(List<Segment> segments, RecordVisitor visitor, @Nullable LogPoint from, DamagePolicy policy)
            throws IOException {
        this.segments = segments;
        this.visitor = visitor;
        this.from = from;
        this.policy = policy;
        this.checksum = new Checksum(segments.get(0).logId);
        for (Segment segment : segments) {
            scans.add(new SegmentScan(segment, checksum, policy != DamagePolicy.REFUSE));
        }
    }

    /**
     * Where the log goes on.
     *
     * @param active the index of the segment that takes the next record
     * @param position the position of the next record
     * @param sequence the sequence of the next record
     * @param epoch the epoch of the last record
     * @param start where the log begins
     * @param records valid records
     * @param kinds how many of them are of each kind
     * @param skipped records that refer to lost ones
     * @param tornBytes the bytes behind {@code position} that nobody was promised
     */
    record End(
            int active,
            long position,
            long sequence,
            int epoch,
            long start,
            long records,
            Map<RecordKind, Long> kinds,
            long skipped,
            long tornBytes) {}

    /** Reads the log and makes it one that can be written on. */
    End run() throws IOException {
        End end = read();
        Segment active = segments.get(end.active);
        if (end.tornBytes > 0) {
            long torn = active.offsetOf(end.position);
            Segment.writeZeros(active.file, torn, torn + end.tornBytes);
            active.file.force(false);
            log.warn(
                    "Cleared a torn tail that nobody was promised: file={} offset={} bytes={}",
                    active.path,
                    active.offsetOf(end.position),
                    end.tornBytes);
        }
        if (end.active > 0) {
            segments.get(end.active - 1).file.force(false);
        }
        active.file.force(false);
        return end;
    }

    /** Reads the log and changes nothing, unless the policy does. */
    End read() throws IOException {
        try {
            goToStart();
            do {
                while (acceptNext()) {
                    // acceptNext() moves on
                }
            } while (crossDamage());
        } catch (LogCorruptedException e) {
            throw startIsProven() ? e : startMissing(e);
        }
        if (!startIsProven() && policy == DamagePolicy.REFUSE) {
            throw startMissing(null);
        }
        long written = Math.max(search().nonZeroEnd(), group.isEmpty() ? 0 : position);
        if (!group.isEmpty()) {
            position = group.get(0).position();
            sequence = groupSequence;
        }
        return new End(
                index, position, sequence, epoch, start, records, kinds(), skipped, Math.max(0, written - position));
    }

    private Map<RecordKind, Long> kinds() {
        Map<RecordKind, Long> kinds = new EnumMap<>(RecordKind.class);
        for (RecordKind kind : RecordKind.values()) {
            if (byCode[kind.code()] > 0) {
                kinds.put(kind, byCode[kind.code()]);
            }
        }
        return kinds;
    }

    private void goToStart() throws IOException {
        if (from != null) {
            resumeAt(from);
            return;
        }
        position = segments.get(0).recordsStart();
        if (segments.get(0).base == 0) {
            return;
        }
        visitor.startsAt(segments.get(0).base);
        if (scans.get(0).validAt(position) > 0) {
            sequence = scans.get(0).sequence(position);
            epoch = scans.get(0).epoch(position) - (isEpoch(scans.get(0), position) ? 1 : 0);
        } else if (policy == DamagePolicy.REFUSE) {
            throw new LogCorruptedException(segments.get(0).path, Segment.HEADER, "no valid record is here");
        }
    }

    private static boolean isEpoch(SegmentScan scan, long position) {
        return scan.kind(position) == RecordKind.EPOCH.code();
    }

    /** Goes to a point, if the record that stood before it when it was taken still does. */
    private void resumeAt(LogPoint point) throws IOException {
        index = indexCovering(point.position());
        position = point.position();
        sequence = point.sequence();
        epoch = point.epoch();
        start = point.start();
        if (point.lastPosition() >= segments.get(0).base) {
            requireLastRecord(point);
        } else if (point.lastPosition() >= 0 && scans.get(index).validAt(position) == 0) {
            // The record before went with its segment, so there must be one behind.
            throw olderThan(point, segments.get(index), position);
        }
    }

    private int indexCovering(long wanted) {
        Segment first = segments.get(0);
        Segment last = segments.get(segments.size() - 1);
        if (wanted < first.base) {
            throw new LogCorruptedException(
                    first.path, 0, "the log begins here, behind the snapshot's position " + wanted);
        }
        if (wanted >= last.end()) {
            throw new LogCorruptedException(
                    last.path.resolveSibling(Segment.nameOf(last.end())),
                    0,
                    "the segment is missing: the log's files are older than the snapshot at position " + wanted);
        }
        int found = 0;
        while (wanted >= segments.get(found).end()) {
            found++;
        }
        return found;
    }

    private void requireLastRecord(LogPoint point) throws IOException {
        SegmentScan scan = scans.get(indexCovering(point.lastPosition()));
        if (scan.validAt(point.lastPosition()) == 0 || scan.checksum(point.lastPosition()) != point.lastChecksum()) {
            throw olderThan(point, scan.segment, point.lastPosition());
        }
    }

    private static LogCorruptedException olderThan(LogPoint point, Segment segment, long position) {
        return new LogCorruptedException(
                segment.path,
                segment.offsetOf(position),
                "the record beside the snapshot's position " + point.position()
                        + " is not the one that stood here: the log's files are older than the snapshot, or the record"
                        + " is damaged");
    }

    /** Where the log begins, as far as it was read. */
    long start() {
        return start;
    }

    private boolean startIsProven() {
        return segments.get(0).base <= start;
    }

    private LogCorruptedException startMissing(@Nullable LogCorruptedException consequence) {
        Segment first = segments.get(0);
        LogCorruptedException missing = new LogCorruptedException(
                first.path.resolveSibling(Segment.nameOf(start)),
                0,
                "the segment is missing, the next file is " + first.path.getFileName());
        if (consequence != null) {
            missing.addSuppressed(consequence);
        }
        return missing;
    }

    private boolean acceptNext() throws IOException {
        SegmentScan scan = scans.get(index);
        int length = scan.validAt(position);
        if (length == 0) {
            return false;
        }
        RecordKind kind = RecordKind.of(scan.kind(position));
        if (scan.version(position) != RecordFormat.VERSION || kind == null) {
            throw new FormatTooNewException(
                    "log file " + scan.segment.path,
                    "the record at offset " + scan.segment.offsetOf(position) + " of kind " + scan.kind(position)
                            + ", version " + scan.version(position) + ",");
        }
        if (!continues(scan, kind)) {
            if (policy == DamagePolicy.REFUSE) {
                throw discontinuous(scan, kind);
            }
            return false;
        }
        byCode[kind.code()]++;
        records++;
        if (kind.structural()) {
            acceptStructural(scan, kind, length);
        } else {
            sequence++;
            collect(scan, kind);
            position += length;
        }
        return true;
    }

    private boolean continues(SegmentScan scan, RecordKind kind) {
        if (kind == RecordKind.GAP) {
            return scan.sequence(position) >= sequence && scan.epoch(position) >= epoch;
        }
        int expectedEpoch = kind == RecordKind.EPOCH ? epoch + 1 : epoch;
        return scan.sequence(position) == sequence
                && scan.epoch(position) == expectedEpoch
                && (group.isEmpty() || !kind.structural());
    }

    private LogCorruptedException discontinuous(SegmentScan scan, RecordKind kind) {
        return new LogCorruptedException(
                scan.segment.path,
                scan.segment.offsetOf(position),
                "a " + kind + " record of sequence " + scan.sequence(position) + ", epoch " + scan.epoch(position)
                        + " stands where sequence " + sequence + ", epoch "
                        + (kind == RecordKind.EPOCH ? epoch + 1 : epoch) + " must follow");
    }

    private void acceptStructural(SegmentScan scan, RecordKind kind, int length) throws IOException {
        switch (kind) {
            case GAP -> {
                skipTo(position + length, scan.sequence(position), scan.epoch(position));
                return;
            }
            case SEAL -> {
                sequence++;
                enterNextSegment();
                return;
            }
            case EPOCH -> epoch = scan.epoch(position);
            case START -> acceptStart(scan);
            default -> {
                // A mark says nothing of its own.
            }
        }
        sequence++;
        position += length;
    }

    private void acceptStart(SegmentScan scan) {
        ByteBuffer body = scan.body(position);
        long begins = body.remaining() < Long.BYTES ? -1 : body.getLong(0);
        if (begins < start || begins > position) {
            throw new LogCorruptedException(
                    scan.segment.path,
                    scan.segment.offsetOf(position),
                    "a record says that the log, which begins at " + start + ", begins at " + begins);
        }
        start = begins;
        visitor.startsAt(Math.max(begins, segments.get(0).base));
    }

    private void enterNextSegment() throws IOException {
        if (index + 1 == segments.size()) {
            Segment added = policy.missingBehind(segments.get(index));
            segments.add(added);
            scans.add(new SegmentScan(added, checksum, true));
        }
        index++;
        position = segments.get(index).recordsStart();
    }

    private void collect(SegmentScan scan, RecordKind kind) {
        if (group.isEmpty()) {
            groupSequence = sequence - 1;
        }
        group.add(new LogRecord(position, kind, scan.timestampMillis(position), scan.body(position)));
        if (!scan.more(position)) {
            visitGroup(scan.segment);
        }
    }

    private void visitGroup(Segment segment) {
        for (LogRecord member : group) {
            try {
                visitor.recovered(member);
            } catch (RuntimeException e) {
                if (gapped) {
                    skipped++;
                    log.debug("Skipped a record that refers to a lost one: position={}", member.position(), e);
                    continue;
                }
                LogCorruptedException refusal = new LogCorruptedException(
                        segment.path,
                        segment.offsetOf(member.position()),
                        "the record contradicts earlier ones: " + e.getMessage());
                refusal.initCause(e);
                throw refusal;
            }
        }
        group.clear();
    }

    /** Behind a gap the log goes on as its record says; what was left of a group before it is taken for what it is. */
    private void skipTo(long newPosition, long newSequence, int newEpoch) throws IOException {
        gapped = true;
        visitGroup(segments.get(index));
        sequence = newSequence;
        epoch = newEpoch;
        position = newPosition;
        if (position == segments.get(index).end()) {
            enterNextSegment();
        }
    }

    private TailSearch search() {
        return new TailSearch(scans, index, position, sequence, epoch);
    }

    /** Whether the log goes on behind damage; {@code false} where it really ends here. */
    private boolean crossDamage() throws IOException {
        SegmentScan scan = scans.get(index);
        int unexpected = scan.validAt(position);
        Found proof = search().acknowledgedBehind();
        if (proof == null && unexpected == 0) {
            return false;
        }
        Found found = search().nextFrom(position + Math.max(unexpected, RecordFormat.HEADER));
        Found next = found == null ? proof : found;
        long to = next == null ? position + unexpected : next.scan() == scan ? next.position() : scan.segment.end();
        long nextSequence =
                next == null ? scan.sequence(position) + 1 : next.scan().sequence(next.position());
        int nextEpoch = next == null
                ? epoch
                : next.scan().epoch(next.position()) - (isEpoch(next.scan(), next.position()) ? 1 : 0);
        policy.damaged(new Damage(
                scan.segment,
                position,
                to,
                sequence,
                Math.max(sequence, nextSequence),
                Math.max(epoch, nextEpoch),
                proof == null ? discontinuous(scan, kindAt(scan)) : refusal(scan.segment, proof)));
        skipTo(to, Math.max(sequence, nextSequence), Math.max(epoch, nextEpoch));
        return true;
    }

    private RecordKind kindAt(SegmentScan scan) {
        RecordKind kind = RecordKind.of(scan.kind(position));
        return kind == null ? RecordKind.GAP : kind;
    }

    private LogCorruptedException refusal(Segment damaged, Found proof) {
        return new LogCorruptedException(
                damaged.path,
                damaged.offsetOf(position),
                "no valid record is here, but acknowledged ones follow, such as the one at offset "
                        + proof.scan().segment.offsetOf(proof.position()) + " of "
                        + proof.scan().segment.path.getFileName());
    }
}
