package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A property that a message gets only when it is handed out, because its value was not known when it was stored.
 *
 * @since 0.1
 */
public final class AddedProperty {

    private static final int MAGIC_AT = 4;
    private static final int MAGIC_V2 = 0xDAA320AB;
    private static final int SYS_FLAG_AT = 36;
    private static final int BORN_HOST_AT = 48;
    private static final int HOST_V4 = 8;
    private static final int HOST_V6 = 20;
    private static final byte PAIR_END = 2;

    private final byte[] bytes;

    /** A property of that name and value. */
    public AddedProperty(String name, String value) {
        bytes = MessageProperties.of(Map.of(name, value)).text().getBytes(StandardCharsets.UTF_8);
    }

    /** By how much it makes a message longer at most. */
    public int bytes() {
        return bytes.length + 1;
    }

    /**
     * Adds it to the message that was just put into a buffer; nothing happens where its properties are as long as the
     * encoding can carry.
     *
     * @param start where that message begins; it ends at the buffer's position
     */
    public void appendTo(ByteBuffer out, int start) {
        int lengthAt = propertiesLengthAt(out, start);
        int before = Short.toUnsignedInt(out.getShort(lengthAt));
        // Clients may leave out the end mark of the last property.
        boolean unended = before > 0 && out.get(out.position() - 1) != PAIR_END;
        int added = bytes.length + (unended ? 1 : 0);
        if (before + added <= MessageEncoding.MAX_PROPERTIES_BYTES) {
            if (unended) {
                out.put(PAIR_END);
            }
            out.put(bytes);
            out.putShort(lengthAt, (short) (before + added));
            out.putInt(start, out.getInt(start) + added);
        }
    }

    private static int propertiesLengthAt(ByteBuffer message, int start) {
        int sysFlag = message.getInt(start + SYS_FLAG_AT);
        int at = start + BORN_HOST_AT;
        at += ((sysFlag & SysFlag.BORN_HOST_V6) == 0 ? HOST_V4 : HOST_V6) + Long.BYTES;
        at += ((sysFlag & SysFlag.STORE_HOST_V6) == 0 ? HOST_V4 : HOST_V6) + Integer.BYTES + Long.BYTES;
        at += Integer.BYTES + message.getInt(at);
        return message.getInt(start + MAGIC_AT) == MAGIC_V2
                ? at + Short.BYTES + Short.toUnsignedInt(message.getShort(at))
                : at + 1 + (message.get(at) & 0xFF);
    }
}
