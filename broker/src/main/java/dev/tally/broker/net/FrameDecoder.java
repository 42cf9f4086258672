package dev.tally.broker.net;

import dev.tally.broker.protocol.CommandCodec;
import dev.tally.broker.protocol.MalformedFrameException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Cuts the stream into frames. What is no frame ends the connection: the stream cannot be understood any further. */
final class FrameDecoder extends ByteToMessageDecoder {

    private static final int SHORTEST_FRAME = 4;

    private final ServerLimits limits;
    private @Nullable ScheduledFuture<?> deadline;

    FrameDecoder(ServerLimits limits) {
        this.limits = limits;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (in.readableBytes() >= Integer.BYTES) {
            int length = in.getInt(in.readerIndex());
            if (length < SHORTEST_FRAME || length > limits.maxFrameBytes()) {
                in.skipBytes(in.readableBytes());
                throw new MalformedFrameException("Frame length " + Integer.toUnsignedLong(length) + " is outside "
                        + SHORTEST_FRAME + ".." + limits.maxFrameBytes());
            }
            if (in.readableBytes() >= Integer.BYTES + length) {
                byte[] frame = new byte[length];
                in.skipBytes(Integer.BYTES).readBytes(frame);
                cancelDeadline();
                out.add(CommandCodec.decode(ByteBuffer.wrap(frame)));
                return;
            }
        }
        if (deadline == null && in.isReadable()) {
            deadline = context.executor()
                    .schedule(
                            () -> context.fireExceptionCaught(new MalformedFrameException(
                                    "A frame was not complete after " + limits.frameTimeout())),
                            limits.frameTimeout().toMillis(),
                            TimeUnit.MILLISECONDS);
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        cancelDeadline();
    }

    private void cancelDeadline() {
        ScheduledFuture<?> pending = deadline;
        if (pending != null) {
            pending.cancel(false);
            deadline = null;
        }
    }
}
