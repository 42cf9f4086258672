package dev.tally.broker.transfer;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.CommandCodec;
import dev.tally.broker.protocol.MalformedCommandException;
import dev.tally.broker.protocol.MalformedFrameException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** One connection, on which answers find their requests. Thread-safe. */
final class LinkConnection extends SimpleChannelInboundHandler<ByteBuf> {

    private static final int MOST_FRAME_BYTES = 64 * 1024 * 1024;

    private final String address;
    private final Map<Integer, CompletableFuture<Command>> waiting = new ConcurrentHashMap<>();
    private int requests;
    private volatile @Nullable ChannelHandlerContext context;
    private volatile boolean broken;

    LinkConnection(String address) {
        this.address = address;
    }

    void install(ChannelPipeline pipeline) {
        pipeline.addLast(new LengthFieldBasedFrameDecoder(MOST_FRAME_BYTES, 0, Integer.BYTES, 0, Integer.BYTES), this);
    }

    boolean usable() {
        return !broken;
    }

    synchronized CompletableFuture<Command> send(Command request) throws IOException {
        ChannelHandlerContext channel = context;
        if (channel == null) {
            throw new IOException("The connection to " + address + " is not open");
        }
        int opaque = ++requests;
        Command numbered = new Command(
                request.form(),
                request.code(),
                request.language(),
                request.version(),
                opaque,
                request.flag(),
                request.remark(),
                request.fields(),
                request.body());
        CompletableFuture<Command> answer = new CompletableFuture<>();
        waiting.put(opaque, answer);
        ByteBuf frame = Unpooled.wrappedBuffer(
                CommandCodec.encodeUpToBody(numbered), numbered.body().duplicate());
        var unused = channel.writeAndFlush(frame);
        if (broken) {
            fail(new IOException("The connection to " + address + " is closed"));
        }
        return answer;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext channel, ByteBuf frame) {
        ByteBuffer own = ByteBuffer.allocate(frame.readableBytes());
        frame.readBytes(own);
        try {
            Command command = CommandCodec.decode(own.flip());
            CompletableFuture<Command> answer = command.response() ? waiting.remove(command.opaque()) : null;
            if (answer != null) {
                answer.complete(command);
            }
        } catch (MalformedFrameException | MalformedCommandException e) {
            fail(new IOException(address + " answered what is not of the protocol", e));
            close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext channel) {
        fail(new IOException(address + " closed the connection"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext channel, Throwable cause) {
        fail(cause);
        var unused = channel.close();
    }

    private void fail(Throwable cause) {
        broken = true;
        waiting.keySet().forEach(opaque -> {
            CompletableFuture<Command> answer = waiting.remove(opaque);
            if (answer != null) {
                answer.completeExceptionally(cause);
            }
        });
    }

    void close() {
        broken = true;
        ChannelHandlerContext channel = context;
        if (channel != null) {
            var unused = channel.close();
        }
    }
}
