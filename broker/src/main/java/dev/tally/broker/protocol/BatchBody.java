package dev.tally.broker.protocol;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The body of a batch send: for each message {@code u32 size, u32 magic, u32 CRC, u32 flag, u32 body length, body, u16
 * properties length, properties}; magic and CRC are zero.
 *
 * @since 0.1
 */
public final class BatchBody {

    private BatchBody() {}

    /**
     * One message of a batch.
     *
     * @param flag the user's flag
     * @param body its body, a view
     * @param properties its properties
     */
    public record Entry(int flag, ByteBuffer body, MessageProperties properties) {}

    /** Reads all messages of a batch. */
    public static List<Entry> decode(ByteBuffer batch) {
        ByteBuffer in = batch.duplicate();
        List<Entry> entries = new ArrayList<>();
        try {
            while (in.hasRemaining()) {
                int start = in.position();
                int size = in.getInt();
                in.getInt();
                in.getInt();
                int flag = in.getInt();
                ByteBuffer body = MessageEncoding.take(in, in.getInt());
                int propertiesLength = Short.toUnsignedInt(in.getShort());
                String properties = MessageEncoding.text(MessageEncoding.take(in, propertiesLength));
                if (in.position() - start != size) {
                    throw new MalformedCommandException("Message " + entries.size() + " of the batch states " + size
                            + " bytes and has " + (in.position() - start));
                }
                entries.add(new Entry(flag, body, MessageProperties.of(properties)));
            }
        } catch (BufferUnderflowException e) {
            throw new MalformedCommandException("Message " + entries.size() + " of the batch ends early", e);
        }
        return entries;
    }
}
