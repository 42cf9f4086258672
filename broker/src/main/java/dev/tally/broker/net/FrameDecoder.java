package dev.tally.broker.net;

import dev.tally.broker.protocol.CommandCodec;
import dev.tally.broker.protocol.HeaderBuffer;
import dev.tally.broker.protocol.MalformedFrameException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the stream into frames. What is no frame ends the connection: the stream cannot be understood any further.
 *
 * <p>A command is handed on while its bytes still lie in the receive buffer, so that a body is copied only once, by
 * whoever takes it in.
 */
final class FrameDecoder extends ByteToMessageDecoder {

    private static final int SHORTEST_FRAME = 4;
    private static final FastThreadLocal<HeaderBuffer> SCRATCH = new FastThreadLocal<>() {
        @Override
        protected HeaderBuffer initialValue() {
            return new HeaderBuffer();
        }
    };

    private final ServerLimits limits;
    private @Nullable ScheduledFuture<?> deadline;
    private boolean broken;

    FrameDecoder(ServerLimits limits) {
        this.limits = limits;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws Exception {
        startDeadline(context);
        super.channelActive(context);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (broken) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (in.readableBytes() >= Integer.BYTES) {
            int length = in.getInt(in.readerIndex());
            if (length < SHORTEST_FRAME || length > limits.maxFrameBytes()) {
                throw broken(
                        in,
                        new MalformedFrameException("Frame length " + Integer.toUnsignedLong(length) + " is outside "
                                + SHORTEST_FRAME + ".." + limits.maxFrameBytes()));
            }
            if (in.readableBytes() >= Integer.BYTES + length) {
                cancelDeadline();
                frame(context, in, length);
                return;
            }
        }
        if (in.isReadable()) {
            startDeadline(context);
        }
    }

    private void frame(ChannelHandlerContext context, ByteBuf in, int length) {
        int start = in.readerIndex() + Integer.BYTES;
        in.skipBytes(Integer.BYTES + length);
        try {
            context.fireChannelRead(CommandCodec.decode(in.nioBuffer(start, length), SCRATCH.get()));
        } catch (MalformedFrameException e) {
            throw broken(in, e);
        }
    }

    /** What comes after a broken frame, in the same buffer or while the connection closes, is not looked at any more. */
    private MalformedFrameException broken(ByteBuf in, MalformedFrameException reason) {
        broken = true;
        in.skipBytes(in.readableBytes());
        return reason;
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        cancelDeadline();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        cancelDeadline();
        super.channelInactive(context);
    }

    private void startDeadline(ChannelHandlerContext context) {
        if (deadline == null) {
            deadline = context.executor()
                    .schedule(
                            () -> context.fireExceptionCaught(new MalformedFrameException(
                                    "A frame was not complete after " + limits.frameTimeout())),
                            limits.frameTimeout().toMillis(),
                            TimeUnit.MILLISECONDS);
        }
    }

    private void cancelDeadline() {
        ScheduledFuture<?> pending = deadline;
        if (pending != null) {
            pending.cancel(false);
            deadline = null;
        }
    }
}
