package dev.tally.broker.protocol;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Frames: {@code u32 length | u32 (header form << 24 | header length) | header | body}; the length counts everything
 * after itself.
 *
 * @since 0.1
 */
public final class CommandCodec {

    /** The longest header that is read: more than the longest properties, far less than a frame. */
    public static final int MAX_HEADER_BYTES = 256 * 1024;

    private static final int MAX_FIELDS = 1024;
    private static final int LENGTH_MASK = 0xFFFFFF;
    private static final int PREFIX_BYTES = 8;

    private CommandCodec() {}

    /**
     * Reads one frame.
     *
     * @param frame what follows the frame's length; the command keeps a view of its body
     */
    public static Command decode(ByteBuffer frame) {
        return decode(frame, new HeaderBuffer());
    }

    /** The same with a buffer for the header, which can be used again at once. */
    public static Command decode(ByteBuffer frame, HeaderBuffer scratch) {
        try {
            int formAndLength = frame.getInt();
            int headerLength = formAndLength & LENGTH_MASK;
            if (headerLength > frame.remaining() || headerLength > MAX_HEADER_BYTES) {
                throw new MalformedFrameException("Header length " + headerLength + " in a frame with "
                        + frame.remaining() + " bytes left; at most " + MAX_HEADER_BYTES + " are allowed");
            }
            int form = formAndLength >>> 24;
            if (form > 1) {
                throw new MalformedFrameException("Unknown header form " + form);
            }
            scratch.load(frame, headerLength);
            ByteBuffer body = frame.slice();
            return form == 0
                    ? JsonHeader.read(scratch.array(), headerLength, body)
                    : BinaryHeader.read(scratch.array(), headerLength, body);
        } catch (BufferUnderflowException e) {
            throw new MalformedFrameException("The header ends early", e);
        }
    }

    static void addBounded(Fields.Collector collector, String name, String value) {
        if (collector.size() == MAX_FIELDS) {
            throw new MalformedFrameException("More than " + MAX_FIELDS + " fields in a header");
        }
        collector.add(name, value);
    }

    /** Writes a frame up to its body, which follows on the wire unchanged. */
    public static ByteBuffer encodeUpToBody(Command command) {
        HeaderBuffer out = new HeaderBuffer();
        encodeUpToBody(command, out);
        return ByteBuffer.wrap(Arrays.copyOf(out.array(), out.size()));
    }

    /** The same into a buffer, whose earlier content is gone. */
    public static void encodeUpToBody(Command command, HeaderBuffer out) {
        out.clear();
        out.u32(0);
        out.u32(0);
        int form = 0;
        switch (command.form()) {
            case JSON -> JsonHeader.write(command, out);
            case BINARY -> {
                form = 1;
                BinaryHeader.write(command, out);
            }
        }
        int headerLength = out.size() - PREFIX_BYTES;
        out.u32At(0, Integer.BYTES + headerLength + command.body().remaining());
        out.u32At(Integer.BYTES, form << 24 | headerLength);
    }
}
