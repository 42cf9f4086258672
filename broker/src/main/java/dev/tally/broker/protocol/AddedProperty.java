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

    private final byte[] bytes;

    /** A property of that name and value. */
    public AddedProperty(String name, String value) {
        bytes = MessageProperties.format(Map.of(name, value)).getBytes(StandardCharsets.UTF_8);
    }

    /** By how much it makes a message longer at most. */
    public int bytes() {
        return bytes.length;
    }

    /**
     * Adds it to the message that was just put into a buffer; nothing happens where its properties are as long as the
     * encoding can carry.
     *
     * @param start where that message begins; it ends at the buffer's position
     */
    public void appendTo(ByteBuffer out, int start) {
        int lengthAt = propertiesLengthAt(out, start);
        int length = Short.toUnsignedInt(out.getShort(lengthAt)) + bytes.length;
        if (length <= MessageEncoding.MAX_PROPERTIES_BYTES) {
            out.put(bytes);
            out.putShort(lengthAt, (short) length);
            out.putInt(start, out.getInt(start) + bytes.length);
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
