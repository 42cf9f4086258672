package dev.tally.broker.transfer;

import dev.tally.broker.access.Signature;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.HeaderForm;
import dev.tally.broker.protocol.ResponseCode;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Connections to the servers of one side, one to each address, made when they are needed and again when they broke. A
 * request that is not answered in time breaks its connection: what became of it is not known. Thread-safe.
 */
final class Link implements AutoCloseable {

    private final Endpoint endpoint;
    private final EventLoopGroup loops;
    private final Duration timeout;
    private final @Nullable SslContext tls;
    private final @Nullable Signature signature;
    private final Map<String, Slot> slots = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** The connection to one address; guarded by itself. */
    private static final class Slot {
        private @Nullable LinkConnection connection;
    }

    Link(Endpoint endpoint, EventLoopGroup loops, Duration timeout) throws IOException {
        this.endpoint = endpoint;
        this.loops = loops;
        this.timeout = timeout;
        this.tls = endpoint.tls() ? context(endpoint) : null;
        this.signature = endpoint.secretKey() == null ? null : new Signature(endpoint.secretKey());
    }

    private static SslContext context(Endpoint endpoint) throws IOException {
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
        if (endpoint.trust() != null) {
            builder.trustManager(endpoint.trust().toFile());
        }
        return builder.build();
    }

    String nameServer() {
        return endpoint.nameServer();
    }

    /** Sends a request on the connection to an address, whichever that is now. */
    CompletableFuture<Command> send(String address, int code, Fields fields, ByteBuffer body) throws IOException {
        return send(connection(address), code, fields, body);
    }

    /**
     * Sends a request on this connection or not at all; requests arrive in the order of these calls where one thread makes
     * them, and none after one that was lost.
     */
    CompletableFuture<Command> send(LinkConnection connection, int code, Fields fields, ByteBuffer body)
            throws IOException {
        String accessKey = endpoint.accessKey();
        Fields signed = signature == null || accessKey == null ? fields : signature.sign(accessKey, fields, body);
        Command request =
                new Command(HeaderForm.BINARY, code, Command.JAVA, Command.BROKER_VERSION, 0, 0, null, signed, body);
        return connection.send(request);
    }

    /** Waits for an answer that was asked of an address. */
    Command await(String address, CompletableFuture<Command> answer) throws IOException {
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            drop(address);
            throw new IOException(address + " did not answer within " + timeout.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new IOException("The connection to " + address + " broke before the answer", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException stopped = new InterruptedIOException("Interrupted while waiting for " + address);
            stopped.initCause(e);
            throw stopped;
        }
    }

    /** Asks something that may be asked again, and answers whatever comes. */
    Command call(String address, int code, Fields fields, ByteBuffer body) throws IOException {
        try {
            return await(address, send(address, code, fields, body));
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException first) {
            // Servers close connections that were quiet for some minutes.
            try {
                return await(address, send(address, code, fields, body));
            } catch (IOException second) {
                second.addSuppressed(first);
                throw second;
            }
        }
    }

    /** Asks something that must succeed; {@code attempt} names it in the refusal. */
    Command ask(String attempt, String address, int code, Fields fields, ByteBuffer body) throws IOException {
        Command answer = call(address, code, fields, body);
        if (answer.code() != ResponseCode.SUCCESS) {
            throw new RefusedException(attempt, address, answer.code(), answer.remark());
        }
        return answer;
    }

    Command ask(String attempt, String address, int code, Fields fields) throws IOException {
        return ask(attempt, address, code, fields, Command.noBody());
    }

    /** The open connection to an address, or a new one. */
    LinkConnection connection(String address) throws IOException {
        Slot slot = slots.computeIfAbsent(address, key -> new Slot());
        synchronized (slot) {
            LinkConnection known = slot.connection;
            if (known != null && known.usable()) {
                return known;
            }
            if (closed) {
                throw new IOException("The copy is over; nothing is sent to " + address + " any more");
            }
            LinkConnection made = connect(address);
            slot.connection = made;
            return made;
        }
    }

    private LinkConnection connect(String address) throws IOException {
        Address to = Address.parse(address);
        LinkConnection connection = new LinkConnection(address);
        ChannelFuture connected = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeout.toMillis())
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        if (tls != null) {
                            channel.pipeline().addLast(handler(tls, channel, to));
                        }
                        connection.install(channel.pipeline());
                    }
                })
                .connect(to.host(), to.port())
                .awaitUninterruptibly();
        if (!connected.isSuccess()) {
            throw new IOException("Cannot connect to " + address, connected.cause());
        }
        Channel channel = connected.channel();
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        if (handler != null && !handler.handshakeFuture().awaitUninterruptibly().isSuccess()) {
            throw new IOException(
                    "No encrypted connection to " + address,
                    handler.handshakeFuture().cause());
        }
        return connection;
    }

    private SslHandler handler(SslContext context, SocketChannel channel, Address to) {
        SslHandler handler = context.newHandler(channel.alloc(), to.host(), to.port());
        handler.setHandshakeTimeoutMillis(timeout.toMillis());
        return handler;
    }

    private void drop(String address) {
        Slot slot = slots.get(address);
        if (slot == null) {
            return;
        }
        synchronized (slot) {
            if (slot.connection != null) {
                slot.connection.close();
                slot.connection = null;
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        slots.keySet().forEach(this::drop);
    }
}
