package dev.tally.broker.net;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.MalformedFrameException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last handler of a connection's pipeline, and the connection that the rest of the broker sees.
 *
 * <p>Frames are encoded and written on the event loop only. What is written while requests are read, or by tasks that
 * wait together, is flushed once at the end: one system call for many answers.
 */
final class NettyConnection extends ChannelInboundHandlerAdapter implements Connection {

    private static final Logger log = LoggerFactory.getLogger(NettyConnection.class);

    /** Waiting for more than this to be written before a flush gains nothing and costs memory. */
    private static final int MOST_UNFLUSHED_BYTES = 256 * 1024;

    private final Channel channel;
    private final InetSocketAddress remoteAddress;
    private final ConnectionListener listener;
    private final ServerLimits limits;
    private final PendingBytes pendingOfAll;
    private final TaskQueue tasks;
    private final AtomicBoolean ended = new AtomicBoolean();

    // The event loop's only.
    private boolean reading;
    private int unflushedBytes;
    private @Nullable ScheduledFuture<?> watch;
    private @Nullable Object stuckAt;
    private long stuckProgress;

    NettyConnection(Channel channel, ConnectionListener listener, ServerLimits limits, PendingBytes pendingOfAll) {
        this.channel = channel;
        this.remoteAddress = (InetSocketAddress) channel.remoteAddress();
        this.listener = listener;
        this.limits = limits;
        this.pendingOfAll = pendingOfAll;
        this.tasks = new TaskQueue(channel.eventLoop(), this::flush);
    }

    @Override
    public CompletableFuture<Void> send(Command command) {
        if (!channel.isActive()) {
            // While the broker stops, nobody is left to tell the listener below.
            return CompletableFuture.failedFuture(
                    new IOException("Cannot write to " + remoteAddress + ": the connection is closed"));
        }
        CompletableFuture<Void> written = new CompletableFuture<>();
        ChannelPromise promise = channel.newPromise();
        promise.addListener(future -> {
            if (future.isSuccess()) {
                written.complete(null);
            } else {
                written.completeExceptionally(new IOException("Cannot write to " + remoteAddress, future.cause()));
            }
        });
        tasks.execute(() -> write(command, promise));
        return written;
    }

    @Override
    public void answer(Command command) {
        if (tasks.here()) {
            write(command, channel.voidPromise());
        } else {
            tasks.execute(() -> write(command, channel.voidPromise()));
        }
    }

    @Override
    public Executor executor() {
        return tasks;
    }

    private void write(Command command, ChannelPromise promise) {
        ByteBuf frame = FrameEncoder.encode(channel.alloc(), command);
        int bytes = frame.readableBytes();
        unflushedBytes += bytes;
        var unused = channel.write(frame, pendingOfAll.counted(channel, bytes, promise));
        if (unflushedBytes >= MOST_UNFLUSHED_BYTES || !(reading || tasks.running())) {
            flush();
        }
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        if (pending != null && isTooMuch(pending.totalPendingWriteBytes())) {
            log.warn(
                    "Closing connection: client does not read; remote={} pendingBytes={} ofAll={}",
                    remoteAddress,
                    pending.totalPendingWriteBytes(),
                    pendingOfAll.bytes());
            close();
        }
    }

    private boolean isTooMuch(long pendingHere) {
        return pendingHere > limits.maxPendingWriteBytes()
                || (!channel.isWritable() && pendingOfAll.bytes() > limits.maxPendingWriteBytesOfAll());
    }

    private void flush() {
        if (unflushedBytes > 0) {
            unflushedBytes = 0;
            channel.flush();
            watchProgress();
        }
    }

    /** As long as something is pending, looks from time to time whether any of it has gone. */
    private void watchProgress() {
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        if (watch == null && pending != null && pending.current() != null) {
            stuckAt = pending.current();
            stuckProgress = pending.currentProgress();
            watch = channel.eventLoop()
                    .schedule(this::closeUnlessProgress, limits.writeTimeout().toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void closeUnlessProgress() {
        watch = null;
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        Object current = pending == null ? null : pending.current();
        boolean stuck =
                pending != null && current != null && current == stuckAt && pending.currentProgress() == stuckProgress;
        stuckAt = null;
        if (stuck) {
            log.warn(
                    "Closing connection: client reads nothing; remote={} after={}",
                    remoteAddress,
                    limits.writeTimeout());
            close();
        } else {
            watchProgress();
        }
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
        reading = true;
        listener.received(this, (Command) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        reading = false;
        flush();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (ended.compareAndSet(false, true)) {
            ScheduledFuture<?> pending = watch;
            if (pending != null) {
                pending.cancel(false);
                stuckAt = null;
            }
            listener.closed(this);
        }
    }

    /** While a client does not read its answers, its requests are not read either. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        channel.config().setAutoRead(channel.isWritable());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        // Where the broker itself does not read because the client does not, it is the write that is timed.
        if (event instanceof IdleStateEvent && channel.isWritable()) {
            log.info("Closing connection: idle; remote={} after={}", remoteAddress, limits.idleTimeout());
            close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable root = cause.getCause() == null ? cause : cause.getCause();
        if (root instanceof SSLException) {
            // As below: a handshake that fails is mostly the other end's, and comes again.
            log.warn("Closing connection: TLS failed, {}; remote={}", root.getMessage(), remoteAddress);
        } else if (cause instanceof IOException) {
            log.debug("Connection lost; remote={} reason={}", remoteAddress, cause.getMessage());
        } else if (root instanceof MalformedFrameException) {
            // Whoever sends such frames can send many: no stack traces.
            log.warn("Closing connection: {}; remote={}", root.getMessage(), remoteAddress);
        } else {
            log.warn("Closing connection: {}; remote={}", root.getMessage(), remoteAddress, cause);
        }
        close();
    }
}
