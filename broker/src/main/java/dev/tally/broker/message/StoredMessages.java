package dev.tally.broker.message;

import dev.tally.broker.protocol.AddedProperty;
import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.PropertyNames;
import dev.tally.broker.protocol.SysFlag;
import dev.tally.broker.store.StoredMessage;
import java.nio.ByteBuffer;
import java.util.List;

/** Stored messages as bodies of answers. */
public final class StoredMessages {

    /** A tick of a few milliseconds, and a full batch, are not worth a mark. */
    private static final long LATE_FROM_MILLIS = 1000;

    private static final int MARK_BYTES = 64;

    private StoredMessages() {}

    /** Visible messages, one after the other. */
    public static ByteBuffer body(List<StoredMessage> messages) {
        int size = 0;
        for (StoredMessage message : messages) {
            size += message.payload().remaining() + (isLate(message) ? MARK_BYTES : 0);
        }
        ByteBuffer body = ByteBuffer.allocate(size);
        for (StoredMessage message : messages) {
            append(body, message, message.half() ? SysFlag.COMMITTED : 0);
        }
        return body.flip();
    }

    /** A half message for the producer that is asked about it. */
    public static ByteBuffer undecidedBody(StoredMessage message) {
        ByteBuffer body = ByteBuffer.allocate(message.payload().remaining());
        append(body, message, SysFlag.PREPARED);
        return body.flip();
    }

    private static boolean isLate(StoredMessage message) {
        return message.lateMillis() >= LATE_FROM_MILLIS;
    }

    private static void append(ByteBuffer body, StoredMessage message, int transaction) {
        int start = body.position();
        MessageEncoding.appendStored(
                body,
                message.payload(),
                Math.max(0, message.queueOffset()),
                message.position(),
                message.storedAtMillis(),
                transaction);
        if (isLate(message)) {
            new AddedProperty(PropertyNames.LATE_MILLIS, Long.toString(message.lateMillis())).appendTo(body, start);
        }
    }
}
