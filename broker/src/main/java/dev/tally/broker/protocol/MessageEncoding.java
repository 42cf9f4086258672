package dev.tally.broker.protocol;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * The encoding in which messages are stored and handed to consumers.
 *
 * <pre>
 *  0 u32 total size          4 u32 magic (v1, or v2 for topics above 127 bytes)
 *  8 u32 CRC32 of the body  12 u32 queue id          16 u32 flag
 * 20 u64 queue offset       28 u64 log position      36 u32 system flag
 * 40 u64 born time          48 born host: 4 or 16 bytes, u32 port
 *  . u64 store time          . store host: 4 or 16 bytes, u32 port
 *  . u32 reconsume times     . u64 prepared transaction offset
 *  . u32 body length, body   . u8 (v1) or u16 (v2) topic length, topic
 *  . u16 properties length, properties
 * </pre>
 *
 * Queue offset, log position, store time and the committed half of the system flag are known only later: they are
 * written into the copy that is handed out, never into the stored bytes.
 *
 * @since 0.1
 */
public final class MessageEncoding {

    /** The longest properties that the encoding can carry, in bytes. */
    public static final int MAX_PROPERTIES_BYTES = Short.MAX_VALUE;

    private static final int MAGIC_V1 = 0xDAA320A7;
    private static final int MAGIC_V2 = 0xDAA320AB;
    private static final int MAGIC_AT = 4;
    private static final int QUEUE_OFFSET_AT = 20;
    private static final int POSITION_AT = 28;
    private static final int SYS_FLAG_AT = 36;
    private static final int BORN_HOST_AT = 48;

    private MessageEncoding() {}

    /** Encodes a message; what is known only later is zero. */
    public static ByteBuffer encode(WireMessage message) {
        byte[] topic = message.topic().getBytes(StandardCharsets.UTF_8);
        byte[] properties = message.properties().text().getBytes(StandardCharsets.UTF_8);
        if (properties.length > MAX_PROPERTIES_BYTES) {
            throw new IllegalMessageException("Properties of a message for topic " + message.topic() + " take "
                    + properties.length + " bytes; at most " + MAX_PROPERTIES_BYTES + " are possible");
        }
        byte[] bornHost = message.bornHost().getAddress().getAddress();
        byte[] storeHost = message.storeHost().getAddress().getAddress();
        boolean longTopic = topic.length > Byte.MAX_VALUE;
        ByteBuffer body = message.body().duplicate();
        int size = BORN_HOST_AT
                + (bornHost.length + 4)
                + 8
                + (storeHost.length + 4)
                + 4
                + 8
                + (4 + body.remaining())
                + ((longTopic ? 2 : 1) + topic.length)
                + (2 + properties.length);
        ByteBuffer out = ByteBuffer.allocate(size);
        out.putInt(size).putInt(longTopic ? MAGIC_V2 : MAGIC_V1).putInt(crc(body));
        out.putInt(message.queueId()).putInt(message.flag()).putLong(0).putLong(0);
        out.putInt(hostBits(message.sysFlag(), bornHost, storeHost));
        out.putLong(message.bornAtMillis())
                .put(bornHost)
                .putInt(message.bornHost().getPort());
        out.putLong(message.storedAtMillis())
                .put(storeHost)
                .putInt(message.storeHost().getPort());
        out.putInt(message.reconsumeTimes()).putLong(0);
        out.putInt(body.remaining()).put(body);
        if (longTopic) {
            out.putShort((short) topic.length);
        } else {
            out.put((byte) topic.length);
        }
        out.put(topic).putShort((short) properties.length).put(properties);
        return out.flip();
    }

    /**
     * Appends a stored message to what is handed out, with the fields that were not known when it was stored.
     *
     * @param transaction the transaction bits of {@link SysFlag}, 0 for a message without a transaction
     */
    public static void appendStored(
            ByteBuffer out, ByteBuffer stored, long queueOffset, long position, long storedAtMillis, int transaction) {
        int start = out.position();
        out.put(stored.duplicate());
        int sysFlag = out.getInt(start + SYS_FLAG_AT);
        out.putLong(start + QUEUE_OFFSET_AT, queueOffset);
        out.putLong(start + POSITION_AT, position);
        out.putInt(start + SYS_FLAG_AT, SysFlag.withTransaction(sysFlag, transaction));
        int bornHostBytes = (sysFlag & SysFlag.BORN_HOST_V6) == 0 ? 8 : 20;
        out.putLong(start + BORN_HOST_AT + bornHostBytes, storedAtMillis);
    }

    /** The offset in its queue of a message as it was handed out. */
    public static long queueOffset(ByteBuffer handedOut) {
        if (handedOut.remaining() < POSITION_AT) {
            throw new MalformedCommandException("Not a stored message: it ends early");
        }
        return handedOut.getLong(handedOut.position() + QUEUE_OFFSET_AT);
    }

    /** Decodes a stored message. */
    public static WireMessage decode(ByteBuffer stored) {
        ByteBuffer in = stored.duplicate();
        try {
            in.getInt();
            int magic = in.getInt();
            if (magic != MAGIC_V1 && magic != MAGIC_V2) {
                throw new MalformedCommandException("Not a stored message: magic is " + Integer.toHexString(magic));
            }
            in.getInt();
            int queueId = in.getInt();
            int flag = in.getInt();
            in.getLong();
            in.getLong();
            int sysFlag = in.getInt();
            long bornAt = in.getLong();
            InetSocketAddress bornHost = host(in, (sysFlag & SysFlag.BORN_HOST_V6) != 0);
            long storedAt = in.getLong();
            InetSocketAddress storeHost = host(in, (sysFlag & SysFlag.STORE_HOST_V6) != 0);
            int reconsumeTimes = in.getInt();
            in.getLong();
            ByteBuffer body = take(in, in.getInt());
            String topic = text(take(in, magic == MAGIC_V2 ? Short.toUnsignedInt(in.getShort()) : in.get() & 0xFF));
            String properties = text(take(in, Short.toUnsignedInt(in.getShort())));
            return new WireMessage(
                    topic,
                    queueId,
                    flag,
                    sysFlag,
                    bornAt,
                    bornHost,
                    storedAt,
                    storeHost,
                    reconsumeTimes,
                    body,
                    MessageProperties.of(properties));
        } catch (BufferUnderflowException | UnknownHostException e) {
            throw new MalformedCommandException("Not a stored message: it ends early", e);
        }
    }

    /** The properties of a stored message, read without the rest of it. */
    public static MessageProperties properties(ByteBuffer stored) {
        return MessageProperties.of(text(propertyBytes(stored)));
    }

    /** The same as bytes, from 0 to their limit. */
    public static ByteBuffer propertyBytes(ByteBuffer stored) {
        ByteBuffer in = stored.slice();
        try {
            int magic = in.getInt(MAGIC_AT);
            if (magic != MAGIC_V1 && magic != MAGIC_V2) {
                throw new MalformedCommandException("Not a stored message: magic is " + Integer.toHexString(magic));
            }
            int sysFlag = in.getInt(SYS_FLAG_AT);
            int hosts = ((sysFlag & SysFlag.BORN_HOST_V6) == 0 ? 8 : 20)
                    + ((sysFlag & SysFlag.STORE_HOST_V6) == 0 ? 8 : 20);
            // Behind the hosts and the store time: reconsume times and the prepared offset.
            skip(in, BORN_HOST_AT + hosts + Long.BYTES + Integer.BYTES + Long.BYTES);
            skip(in, in.getInt());
            skip(in, magic == MAGIC_V2 ? Short.toUnsignedInt(in.getShort()) : in.get() & 0xFF);
            return take(in, Short.toUnsignedInt(in.getShort()));
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new MalformedCommandException("Not a stored message: it ends early", e);
        }
    }

    private static void skip(ByteBuffer in, int bytes) {
        if (bytes < 0 || bytes > in.remaining()) {
            throw new BufferUnderflowException();
        }
        in.position(in.position() + bytes);
    }

    private static int hostBits(int sysFlag, byte[] bornHost, byte[] storeHost) {
        int flag = sysFlag & ~(SysFlag.BORN_HOST_V6 | SysFlag.STORE_HOST_V6);
        flag |= bornHost.length == 16 ? SysFlag.BORN_HOST_V6 : 0;
        flag |= storeHost.length == 16 ? SysFlag.STORE_HOST_V6 : 0;
        return flag;
    }

    private static InetSocketAddress host(ByteBuffer in, boolean v6) throws UnknownHostException {
        byte[] address = new byte[v6 ? 16 : 4];
        in.get(address);
        return new InetSocketAddress(InetAddress.getByAddress(address), in.getInt());
    }

    static ByteBuffer take(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer part = in.slice(in.position(), length);
        in.position(in.position() + length);
        return part;
    }

    static String text(ByteBuffer bytes) {
        String text = Utf8.decode(bytes);
        if (text == null) {
            throw new MalformedCommandException("A message holds text that is no UTF-8");
        }
        return text;
    }

    private static int crc(ByteBuffer body) {
        CRC32 crc = new CRC32();
        crc.update(body.duplicate());
        // The clients compare 31 bits.
        return (int) (crc.getValue() & 0x7FFFFFFF);
    }
}
