package dev.tally.broker.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a log from its start and decides where it ends:
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
 */
final class LogRecovery {

    private static final Logger log = LoggerFactory.getLogger(LogRecovery.class);
    private static final int CHUNK = 64 * 1024;

    private final List<Segment> segments;
    private final RecordFormat format;
    private final RecordVisitor visitor;
    private final @Nullable LogPoint from;

    private final List<LogRecord> group = new ArrayList<>();
    private int index;
    private long position;
    private long sequence = 1;
    private int epoch;
    private long records;
    private long groupSequence;

    LogRecovery(List<Segment> segments, RecordFormat format, RecordVisitor visitor, @Nullable LogPoint from) {
        this.segments = segments;
        this.format = format;
        this.visitor = visitor;
        this.from = from;
        this.position = segments.get(0).recordsStart();
    }

    /**
     * Where the log goes on.
     *
     * @param active the index of the segment that takes the next record
     * @param position the position of the next record
     * @param sequence the sequence of the next record
     * @param epoch the epoch of the last record
     */
    record End(int active, long position, long sequence, int epoch, long records, long tornBytes) {}

    End run() throws IOException {
        if (from != null) {
            resumeAt(from);
        }
        while (acceptNext()) {
            // acceptNext() moves on
        }
        Segment segment = segments.get(index);
        Tail tail = searchBehind(segment);
        long cut = position;
        if (!group.isEmpty()) {
            cut = group.get(0).position();
            sequence = groupSequence;
        }
        long torn = Math.max(tail.nonZeroEnd, group.isEmpty() ? 0 : position) - cut;
        if (torn > 0) {
            clear(segment, cut, cut + torn);
            log.warn(
                    "Cleared a torn tail that nobody was promised: file={} offset={} bytes={}",
                    segment.path,
                    segment.offsetOf(cut),
                    torn);
        }
        if (index > 0) {
            segments.get(index - 1).file.force(false);
        }
        segment.file.force(false);
        return new End(index, cut, sequence, epoch, records, Math.max(torn, 0));
    }

    /** Goes to a point, if the record that stood before it when it was taken still does. */
    private void resumeAt(LogPoint point) throws IOException {
        index = indexCovering(point.position());
        position = point.position();
        sequence = point.sequence();
        epoch = point.epoch();
        if (point.lastPosition() >= 0) {
            requireLastRecord(point);
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
        Segment segment = segments.get(indexCovering(point.lastPosition()));
        ByteBuffer last = segment.verified(point.lastPosition(), format);
        if (last == null || RecordFormat.checksumOf(last) != point.lastChecksum()) {
            throw new LogCorruptedException(
                    segment.path,
                    segment.offsetOf(point.lastPosition()),
                    "the last record before the snapshot at position " + point.position()
                            + " is not the one that stood here: the log's files are older than the snapshot, or the"
                            + " record is damaged");
        }
    }

    private boolean acceptNext() throws IOException {
        Segment segment = segments.get(index);
        ByteBuffer bytes = segment.verified(position, format);
        if (bytes == null) {
            return false;
        }
        RecordFormat.Header header = RecordFormat.header(bytes);
        RecordKind kind = RecordKind.of(header.kind());
        if (header.version() != RecordFormat.VERSION || kind == null) {
            throw new FormatTooNewException(
                    "log file " + segment.path,
                    "the record at offset " + segment.offsetOf(position) + " of kind " + header.kind() + ", version "
                            + header.version() + ",");
        }
        requireContinuation(segment, header, kind);
        sequence++;
        records++;
        if (kind == RecordKind.SEAL) {
            enterNextSegment(segment);
            return true;
        }
        if (kind == RecordKind.EPOCH) {
            epoch = header.epoch();
        } else if (!kind.structural()) {
            collect(segment, header, kind, bytes);
        }
        position += bytes.limit();
        return true;
    }

    private void requireContinuation(Segment segment, RecordFormat.Header header, RecordKind kind) {
        int expectedEpoch = kind == RecordKind.EPOCH ? epoch + 1 : epoch;
        if (header.sequence() != sequence
                || header.epoch() != expectedEpoch
                || (kind.structural() && !group.isEmpty())) {
            throw new LogCorruptedException(
                    segment.path,
                    segment.offsetOf(position),
                    "a " + kind + " record of sequence " + header.sequence() + ", epoch " + header.epoch()
                            + " stands where sequence " + sequence + ", epoch " + expectedEpoch + " must follow");
        }
    }

    private void enterNextSegment(Segment sealed) {
        index++;
        if (index == segments.size()) {
            String missing = Segment.nameOf(sealed.end());
            throw new LogCorruptedException(
                    sealed.path.resolveSibling(missing),
                    0,
                    "the segment is missing, although the one before is sealed");
        }
        position = segments.get(index).recordsStart();
    }

    private void collect(Segment segment, RecordFormat.Header header, RecordKind kind, ByteBuffer bytes) {
        if (group.isEmpty()) {
            groupSequence = header.sequence();
        }
        ByteBuffer body = bytes.slice(RecordFormat.HEADER, header.length() - RecordFormat.HEADER)
                .asReadOnlyBuffer();
        group.add(new LogRecord(position, kind, header.timestampMillis(), body));
        if (header.more()) {
            return;
        }
        for (LogRecord member : group) {
            try {
                visitor.recovered(member);
            } catch (IllegalStateException e) {
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

    /**
     * What lies behind the last valid record.
     *
     * @param nonZeroEnd the position behind the last byte that is not zero, or the searched position
     */
    private record Tail(long nonZeroEnd) {}

    private Tail searchBehind(Segment segment) throws IOException {
        long nonZeroEnd = search(segment, position);
        for (int later = index + 1; later < segments.size(); later++) {
            search(segments.get(later), segments.get(later).recordsStart());
        }
        return new Tail(nonZeroEnd);
    }

    /** Refuses the log where a valid record proves that the invalid position had been forced. */
    private long search(Segment segment, long from) throws IOException {
        long nonZeroEnd = from;
        for (long chunkAt = from; chunkAt < segment.end(); chunkAt += CHUNK) {
            ByteBuffer chunk = segment.file.read(segment.offsetOf(chunkAt), CHUNK);
            for (int at = 0; at + Long.BYTES <= chunk.limit(); at += RecordFormat.ALIGNMENT) {
                long word = chunk.getLong(at);
                if (word == 0) {
                    continue;
                }
                long candidate = chunkAt + at;
                nonZeroEnd = candidate + Long.BYTES;
                if ((byte) (word >>> 24) == RecordFormat.MAGIC) {
                    refuseIfAcknowledged(segment, candidate);
                }
            }
        }
        return nonZeroEnd;
    }

    private void refuseIfAcknowledged(Segment segment, long candidate) throws IOException {
        RecordFormat.@Nullable Header unchecked = peek(segment, candidate);
        // The cheap conditions first: a payload may hold many bytes that look like headers, and checksums are long.
        if (unchecked == null
                || unchecked.forced() <= position
                || unchecked.forced() > candidate
                || unchecked.sequence() <= sequence) {
            return;
        }
        if (segment.verified(candidate, format) != null) {
            Segment damaged = segments.get(index);
            throw new LogCorruptedException(
                    damaged.path,
                    damaged.offsetOf(position),
                    "no valid record is here, but acknowledged ones follow, such as the one at offset "
                            + segment.offsetOf(candidate) + " of " + segment.path.getFileName());
        }
    }

    private static RecordFormat.@Nullable Header peek(Segment segment, long candidate) throws IOException {
        ByteBuffer bytes = segment.file.read(segment.offsetOf(candidate), RecordFormat.HEADER);
        return bytes.limit() < RecordFormat.HEADER ? null : RecordFormat.header(bytes);
    }

    private static void clear(Segment segment, long from, long to) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate(CHUNK);
        for (long at = from; at < to; at += CHUNK) {
            zeros.limit((int) Math.min(CHUNK, to - at)).position(0);
            segment.file.write(segment.offsetOf(at), zeros);
        }
        segment.file.force(false);
    }
}
