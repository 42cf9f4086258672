package dev.tally.broker.server;

import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.SysFlag;
import dev.tally.broker.store.StoredMessage;
import java.nio.ByteBuffer;
import java.util.List;

/** Stored messages as bodies of answers. */
final class StoredMessages {

    private StoredMessages() {}

    /** Visible messages, one after the other. */
    static ByteBuffer body(List<StoredMessage> messages) {
        int size = 0;
        for (StoredMessage message : messages) {
            size += message.payload().remaining();
        }
        ByteBuffer body = ByteBuffer.allocate(size);
        for (StoredMessage message : messages) {
            append(body, message, message.half() ? SysFlag.COMMITTED : 0);
        }
        return body.flip();
    }

    /** A half message for the producer that is asked about it. */
    static ByteBuffer undecidedBody(StoredMessage message) {
        ByteBuffer body = ByteBuffer.allocate(message.payload().remaining());
        append(body, message, SysFlag.PREPARED);
        return body.flip();
    }

    private static void append(ByteBuffer body, StoredMessage message, int transaction) {
        MessageEncoding.appendStored(
                body,
                message.payload(),
                Math.max(0, message.queueOffset()),
                message.position(),
                message.storedAtMillis(),
                transaction);
    }
}
