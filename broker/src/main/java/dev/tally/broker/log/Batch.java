package dev.tally.broker.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What one write and one force make durable. Records are encoded into one staging buffer that is used again and again;
 * large payloads are written from where they are. Belongs to the writer's thread.
 */
final class Batch {

    private static final int INLINE_BYTES = 32 * 1024;
    private static final int FIRST_STAGING_BYTES = 64 * 1024;
    private static final byte[] ZEROS = new byte[RecordFormat.ALIGNMENT];

    private final Checksum checksum;
    private final int stagingBytes;
    private final List<ByteBuffer> pieces = new ArrayList<>();
    private final List<Planned> groups = new ArrayList<>();

    private ByteBuffer staging;
    private ByteBuffer stagingView;
    private int stagedFrom;
    private long start;
    private long forced;
    private boolean waits;
    private long end;
    private long nextSequence;
    private int epoch;
    private long timestampMillis;
    private long lastPosition = -1;
    private int lastChecksum;

    /** A planned submission, and where its records stand once it was added to a batch. */
    static final class Planned {

        private final Submission submission;
        private final List<RecordDraft> drafts;
        private final int bytes;
        private final long[] positions;

        private Planned(Submission submission, List<RecordDraft> drafts, int bytes) {
            this.submission = submission;
            this.drafts = drafts;
            this.bytes = bytes;
            this.positions = new long[drafts.size()];
        }

        static Planned of(Submission submission) {
            List<RecordDraft> drafts = submission.plan();
            long bytes = 0;
            for (RecordDraft draft : drafts) {
                bytes += draft.bytes();
            }
            return new Planned(submission, drafts, (int) Math.min(bytes, Integer.MAX_VALUE));
        }

        Submission submission() {
            return submission;
        }

        /** What its records take in the log. */
        int bytes() {
            return bytes;
        }

        void durable(long timestampMillis) {
            submission.durable(positions, timestampMillis);
        }
    }

    Batch(long logId, int stagingBytes) {
        this.checksum = new Checksum(logId);
        this.stagingBytes = stagingBytes;
        // Most logs never see a large batch.
        this.staging = ByteBuffer.allocateDirect(Math.min(FIRST_STAGING_BYTES, stagingBytes));
        this.stagingView = staging.duplicate();
    }

    /**
     * Begins a new batch.
     *
     * @param position where its first record will stand
     * @param forcedEnd up to where the log is forced
     */
    void begin(long position, long forcedEnd, long sequence, int currentEpoch, long nowMillis) {
        if (staging.capacity() > stagingBytes) {
            stageIn(stagingBytes);
        }
        staging.clear();
        stagedFrom = 0;
        pieces.clear();
        groups.clear();
        start = position;
        forced = forcedEnd;
        waits = false;
        end = position;
        nextSequence = sequence;
        epoch = currentEpoch;
        timestampMillis = nowMillis;
    }

    void add(Planned group) {
        groups.add(group);
        waits |= group.submission.waitsForForce();
        int last = group.drafts.size() - 1;
        for (int i = 0; i <= last; i++) {
            group.positions[i] = end;
            add(group.drafts.get(i), i < last ? RecordFormat.MORE : 0);
        }
    }

    void add(RecordDraft draft, byte flags) {
        int length = draft.length();
        int padding = RecordFormat.padded(length) - length;
        ByteBuffer payload = draft.payload();
        boolean inline = payload.remaining() <= INLINE_BYTES;
        int headBytes = RecordFormat.HEADER + draft.head().remaining();
        reserve(headBytes + (inline ? payload.remaining() : 0) + padding);
        int at = staging.position();
        RecordFormat.putHeader(staging, length, draft.kind(), flags, epoch, nextSequence++, timestampMillis, forced);
        staging.put(draft.head().duplicate());
        int crc;
        if (inline) {
            staging.put(payload.duplicate()).put(ZEROS, 0, padding);
            crc = checksum.of(stagingView, at, staging.position() - at, end);
        } else {
            closePiece();
            pieces.add(payload.duplicate());
            staging.put(ZEROS, 0, padding);
            crc = checksum.of(stagingView, at, headBytes, payload, ByteBuffer.wrap(ZEROS, 0, padding), end);
        }
        staging.putInt(at + RecordFormat.CRC_AT, crc);
        lastPosition = end;
        lastChecksum = crc;
        end += RecordFormat.padded(length);
    }

    private void reserve(int bytes) {
        if (staging.remaining() < bytes) {
            closePiece();
            stageIn(Math.max(stagingBytes, bytes));
            stagedFrom = 0;
        }
    }

    private void stageIn(int bytes) {
        staging = ByteBuffer.allocateDirect(bytes);
        stagingView = staging.duplicate();
    }

    private void closePiece() {
        if (staging.position() > stagedFrom) {
            pieces.add(staging.slice(stagedFrom, staging.position() - stagedFrom));
            stagedFrom = staging.position();
        }
    }

    ByteBuffer[] buffers() {
        closePiece();
        return pieces.toArray(new ByteBuffer[0]);
    }

    List<Planned> groups() {
        return groups;
    }

    /** Whether one of its submissions is answered only when the log is forced. */
    boolean waitsForForce() {
        return waits;
    }

    boolean hasRecords() {
        return end > start;
    }

    long start() {
        return start;
    }

    long end() {
        return end;
    }

    /** The position of the last record ever added, {@code -1} before the first. */
    long lastPosition() {
        return lastPosition;
    }

    int lastChecksum() {
        return lastChecksum;
    }

    long nextSequence() {
        return nextSequence;
    }

    long timestampMillis() {
        return timestampMillis;
    }
}
