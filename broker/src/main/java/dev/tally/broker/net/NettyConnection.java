package dev.tally.broker.net;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.CommandCodec;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last handler of a connection's pipeline, and the connection that the rest of the broker sees. */
final class NettyConnection extends ChannelInboundHandlerAdapter implements Connection {

    private static final Logger log = LoggerFactory.getLogger(NettyConnection.class);

    private final Channel channel;
    private final InetSocketAddress remoteAddress;
    private final ConnectionListener listener;
    private final ServerLimits limits;
    private final AtomicBoolean ended = new AtomicBoolean();
    private @Nullable ScheduledFuture<?> stalled;

    NettyConnection(Channel channel, ConnectionListener listener, ServerLimits limits) {
        this.channel = channel;
        this.remoteAddress = (InetSocketAddress) channel.remoteAddress();
        this.listener = listener;
        this.limits = limits;
    }

    @Override
    public CompletableFuture<Void> send(Command command) {
        if (!channel.isActive()) {
            // While the broker stops, nobody is left to tell the listener below.
            return CompletableFuture.failedFuture(
                    new IOException("Cannot write to " + remoteAddress + ": the connection is closed"));
        }
        CompletableFuture<Void> written = new CompletableFuture<>();
        var unused = channel.writeAndFlush(Unpooled.wrappedBuffer(CommandCodec.encodeUpToBody(command), command.body()))
                .addListener(future -> {
                    if (future.isSuccess()) {
                        written.complete(null);
                    } else {
                        written.completeExceptionally(
                                new IOException("Cannot write to " + remoteAddress, future.cause()));
                    }
                });
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        if (pending != null && pending.totalPendingWriteBytes() > limits.maxPendingWriteBytes()) {
            log.warn(
                    "Closing connection: client does not read; remote={} pendingBytes={}",
                    remoteAddress,
                    pending.totalPendingWriteBytes());
            close();
        }
        return written;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public boolean open() {
        return channel.isActive();
    }

    @Override
    public void close() {
        var unused = channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        listener.received(this, (Command) message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (ended.compareAndSet(false, true)) {
            ScheduledFuture<?> pending = stalled;
            if (pending != null) {
                pending.cancel(false);
            }
            listener.closed(this);
        }
    }

    /** While a client does not read its answers, its requests are not read either. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        boolean writable = channel.isWritable();
        channel.config().setAutoRead(writable);
        ScheduledFuture<?> pending = stalled;
        if (writable && pending != null) {
            pending.cancel(false);
            stalled = null;
        } else if (!writable && pending == null) {
            stalled = context.executor()
                    .schedule(this::closeStalled, limits.writeTimeout().toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void closeStalled() {
        log.warn("Closing connection: client reads nothing; remote={} after={}", remoteAddress, limits.writeTimeout());
        close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            log.info("Closing connection: idle; remote={} after={}", remoteAddress, limits.idleTimeout());
            close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            log.debug("Connection lost; remote={} reason={}", remoteAddress, cause.getMessage());
        } else {
            Throwable root = cause.getCause() == null ? cause : cause.getCause();
            log.warn("Closing connection: {}; remote={}", root.getMessage(), remoteAddress, cause);
        }
        close();
    }
}
