package dev.tally.broker.protocol;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Frames: {@code u32 length | u32 (header form << 24 | header length) | header | body}; the length counts everything
 * after itself.
 *
 * @since 0.1
 */
public final class CommandCodec {

    /** The longest header that is read: more than the longest properties, far less than a frame. */
    public static final int MAX_HEADER_BYTES = 256 * 1024;

    private static final int LENGTH_MASK = 0xFFFFFF;

    private CommandCodec() {}

    /**
     * Reads one frame.
     *
     * @param frame what follows the frame's length; the command keeps a view of its body
     */
    public static Command decode(ByteBuffer frame) {
        try {
            int formAndLength = frame.getInt();
            int headerLength = formAndLength & LENGTH_MASK;
            if (headerLength > frame.remaining() || headerLength > MAX_HEADER_BYTES) {
                throw new MalformedFrameException("Header length " + headerLength + " in a frame with "
                        + frame.remaining() + " bytes left; at most " + MAX_HEADER_BYTES + " are allowed");
            }
            ByteBuffer header = frame.slice(frame.position(), headerLength);
            ByteBuffer body = frame.slice(frame.position() + headerLength, frame.remaining() - headerLength);
            int form = formAndLength >>> 24;
            return switch (form) {
                case 0 -> JsonHeader.read(header, body);
                case 1 -> BinaryHeader.read(header, body);
                default -> throw new MalformedFrameException("Unknown header form " + form);
            };
        } catch (BufferUnderflowException e) {
            throw new MalformedFrameException("The header ends early", e);
        }
    }

    /** Writes a frame up to its body, which follows on the wire unchanged. */
    public static ByteBuffer encodeUpToBody(Command command) {
        byte[] header =
                switch (command.form()) {
                    case JSON -> JsonHeader.write(command);
                    case BINARY -> BinaryHeader.write(command);
                };
        int form = command.form() == HeaderForm.JSON ? 0 : 1;
        ByteBuffer out = ByteBuffer.allocate(8 + header.length);
        out.putInt(4 + header.length + command.body().remaining());
        out.putInt(form << 24 | header.length).put(header);
        return out.flip();
    }
}
