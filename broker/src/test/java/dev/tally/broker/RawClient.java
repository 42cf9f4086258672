package dev.tally.broker;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.CommandCodec;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.HeaderForm;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A socket that speaks frames, and parts of frames. */
final class RawClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 60_000;

    private final Socket socket;
    private final DataInputStream in;

    RawClient(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        socket = new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(socket.getInputStream());
    }

    static byte[] frame(HeaderForm form, int code, String body, Object... fields) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(body);
        Command command = new Command(form, code, 0, 513, 77, 0, null, Fields.of(fields), bytes);
        ByteBuffer head = CommandCodec.encodeUpToBody(command);
        return ByteBuffer.allocate(head.remaining() + bytes.remaining())
                .put(head)
                .put(bytes)
                .array();
    }

    void write(byte[] bytes, int length) throws IOException {
        socket.getOutputStream().write(bytes, 0, length);
    }

    /** The next answer; frames that the broker pushes are passed over. */
    Command answer() throws IOException {
        while (true) {
            Command command = next();
            if (command.response()) {
                return command;
            }
        }
    }

    Command next() throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return CommandCodec.decode(ByteBuffer.wrap(frame));
    }

    Command call(byte[] request) throws IOException {
        write(request, request.length);
        return answer();
    }

    /** Reads that many bytes of whatever comes. */
    void readSome(int length) throws IOException {
        in.readFully(new byte[length]);
    }

    /** How many bytes the answer to this request has. */
    int bytesOfAnswer(byte[] request) throws IOException {
        write(request, request.length);
        int length = in.readInt();
        in.readFully(new byte[length]);
        return Integer.BYTES + length;
    }

    /** Ends the connection with a reset, as when the other machine is gone. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
