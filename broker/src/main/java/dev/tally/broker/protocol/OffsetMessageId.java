package dev.tally.broker.protocol;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * The message id that says where a message lies: the broker's address and the log position, in upper-case hex.
 *
 * @since 0.1
 */
public final class OffsetMessageId {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private OffsetMessageId() {}

    /** The id of the message at a position of the broker with that (resolved) address. */
    public static String format(InetSocketAddress broker, long position) {
        byte[] host = broker.getAddress().getAddress();
        ByteBuffer id = ByteBuffer.allocate(host.length + 12);
        id.put(host).putInt(broker.getPort()).putLong(position);
        return HEX.formatHex(id.array());
    }

    /** The log position inside an id. */
    public static long position(String id) {
        if (id.length() != 32 && id.length() != 56) {
            throw new MalformedCommandException("Not an offset message id: it has " + id.length() + " characters");
        }
        try {
            byte[] bytes = HEX.parseHex(id);
            return ByteBuffer.wrap(bytes).getLong(bytes.length - 8);
        } catch (IllegalArgumentException e) {
            throw new MalformedCommandException("Not an offset message id: it is not hexadecimal", e);
        }
    }
}
