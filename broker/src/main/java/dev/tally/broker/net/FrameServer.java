package dev.tally.broker.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts connections and turns their bytes into frames. Its threads are daemons: whoever embeds a broker decides what
 * keeps the process alive.
 *
 * @since 0.1
 */
public final class FrameServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(FrameServer.class);
    private static final int HIGH_WATER_BYTES = 1024 * 1024;
    private static final int BACKLOG = 1024;

    private final EventLoopGroup acceptor;
    private final EventLoopGroup workers;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final PendingBytes pending = new PendingBytes();
    private final AtomicLong refusals = new AtomicLong();
    private final ConnectionCounts counts;
    private final Channel listening;

    private FrameServer(InetSocketAddress bindTo, ServerLimits limits, Tls tls, ConnectionListener listener)
            throws IOException {
        counts = new ConnectionCounts(limits);
        acceptor = eventLoops(1, "tally-broker-accept", bindTo);
        workers = workers(acceptor, bindTo);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(acceptor, workers)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(HIGH_WATER_BYTES / 2, HIGH_WATER_BYTES))
                .childHandler(new Pipeline(limits, tls, listener));
        var bound = bootstrap.bind(bindTo).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            stopThreads();
            Throwable cause = bound.cause();
            throw new IOException("Cannot listen on " + bindTo + ": " + cause.getMessage(), cause);
        }
        listening = bound.channel();
    }

    private static EventLoopGroup workers(EventLoopGroup acceptor, InetSocketAddress bindTo) throws IOException {
        try {
            int threads = Math.max(2, Math.min(8, Runtime.getRuntime().availableProcessors()));
            return eventLoops(threads, "tally-broker-net", bindTo);
        } catch (IOException e) {
            acceptor.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
            throw e;
        }
    }

    private static EventLoopGroup eventLoops(int threads, String name, InetSocketAddress bindTo) throws IOException {
        try {
            return new MultiThreadIoEventLoopGroup(
                    threads, new DefaultThreadFactory(name, true), NioIoHandler.newFactory());
        } catch (IllegalStateException e) {
            // What Netty throws where a selector cannot be opened, mostly for want of file descriptors.
            throw new IOException("Cannot listen on " + bindTo + ": " + e.getMessage(), e);
        }
    }

    /** Listens without encryption; returns when connections are accepted. */
    public static FrameServer listen(InetSocketAddress bindTo, ServerLimits limits, ConnectionListener listener)
            throws IOException {
        return listen(bindTo, limits, Tls.disabled(), listener);
    }

    /** Listens; returns when connections are accepted. */
    public static FrameServer listen(
            InetSocketAddress bindTo, ServerLimits limits, Tls tls, ConnectionListener listener) throws IOException {
        return new FrameServer(bindTo, limits, tls, listener);
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /** Connections that stand now. */
    public int connectionCount() {
        return counts.all();
    }

    /** Connections refused since the start because there were too many. */
    public long refusedConnections() {
        return refusals.get();
    }

    /** Bytes of larger answers that wait for clients to take them. */
    public long pendingBytes() {
        return pending.bytes();
    }

    /** Stops accepting; standing connections go on. Idempotent. */
    public void stopAccepting() {
        listening.close().awaitUninterruptibly();
    }

    /** Stops accepting, closes all connections and stops the threads. Idempotent. */
    @Override
    public void close() {
        listening.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
        stopThreads();
    }

    private void stopThreads() {
        var accepting = acceptor.shutdownGracefully(0, 2, TimeUnit.SECONDS);
        var working = workers.shutdownGracefully(0, 2, TimeUnit.SECONDS);
        accepting.awaitUninterruptibly(3, TimeUnit.SECONDS);
        working.awaitUninterruptibly(3, TimeUnit.SECONDS);
    }

    /** Builds each connection's handlers, or closes it where there are too many. */
    private final class Pipeline extends ChannelInitializer<Channel> {
        private final ServerLimits limits;
        private final Tls tls;
        private final ConnectionListener listener;

        Pipeline(ServerLimits limits, Tls tls, ConnectionListener listener) {
            this.limits = limits;
            this.tls = tls;
            this.listener = listener;
        }

        @Override
        protected void initChannel(Channel channel) {
            InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
            if (remote == null || !counts.enter(remote.getAddress())) {
                refuse(channel);
                return;
            }
            channel.closeFuture().addListener(closed -> counts.leave(remote.getAddress()));
            connections.add(channel);
            channel.pipeline()
                    .addLast(new IdleStateHandler(limits.idleTimeout().toMillis(), 0, 0, TimeUnit.MILLISECONDS))
                    .addLast(new FirstByte(tls))
                    .addLast(new FrameDecoder(limits))
                    .addLast(new NettyConnection(channel, listener, limits, pending));
        }

        private void refuse(Channel channel) {
            // Whoever connects too often does so many times: a line for each would be another attack.
            log.debug(
                    "Refusing connection: limit reached; remote={} limit={} limitOfAddress={}",
                    channel.remoteAddress(),
                    limits.maxConnections(),
                    limits.maxConnectionsPerAddress());
            long refused = refusals.incrementAndGet();
            if (Long.bitCount(refused) == 1) {
                log.warn(
                        "Connections are refused because there are too many; remote={} refusedSoFar={}",
                        channel.remoteAddress(),
                        refused);
            }
            channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelActive(ChannelHandlerContext context) {
                    var unused = context.close();
                }
            });
        }
    }
}
