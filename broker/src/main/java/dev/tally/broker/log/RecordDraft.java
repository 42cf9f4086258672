package dev.tally.broker.log;

import java.nio.ByteBuffer;

/**
 * A record to append.
 *
 * @param kind what it is
 * @param head the first bytes of its body
 * @param payload the rest of its body, written straight from this buffer; may be empty
 * @since 0.1
 */
public record RecordDraft(RecordKind kind, ByteBuffer head, ByteBuffer payload) {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    /** A record without a separate payload. */
    public RecordDraft(RecordKind kind, ByteBuffer head) {
        this(kind, head, NOTHING);
    }

    /** Its length in the log: header and body, without the padding. */
    int length() {
        return RecordFormat.HEADER + head.remaining() + payload.remaining();
    }

    /** The bytes that it takes in the log, with header and padding. */
    public int bytes() {
        return RecordFormat.padded(length());
    }
}
