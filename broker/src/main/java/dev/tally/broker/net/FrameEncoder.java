package dev.tally.broker.net;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.CommandCodec;
import dev.tally.broker.protocol.HeaderBuffer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;

/** Frames as buffers of the transport. */
final class FrameEncoder {

    private static final FastThreadLocal<HeaderBuffer> SCRATCH = new FastThreadLocal<>() {
        @Override
        protected HeaderBuffer initialValue() {
            return new HeaderBuffer();
        }
    };

    private FrameEncoder() {}

    /** A frame in one buffer of the pool, which the write goes out from without another copy. */
    static ByteBuf encode(ByteBufAllocator allocator, Command command) {
        HeaderBuffer header = SCRATCH.get();
        CommandCodec.encodeUpToBody(command, header);
        ByteBuffer body = command.body().duplicate();
        ByteBuf frame = allocator.directBuffer(header.size() + body.remaining());
        return frame.writeBytes(header.array(), 0, header.size()).writeBytes(body);
    }
}
