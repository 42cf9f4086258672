package dev.tally.broker.net;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.HeaderForm;
import dev.tally.broker.request.RequestGate;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.server.BrokerCore;
import dev.tally.broker.store.MessageStore;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** The whole way of a frame through decoder, dispatcher, handlers and encoder, on the calling thread and no socket. */
final class WireHarness implements AutoCloseable {

    static final ServerLimits LIMITS = limits(64 * 1024);

    final BrokerCore core;
    private final ServerLimits limits;
    private final ScheduledExecutorService scheduler = new ScheduledThreadPoolExecutor(1);

    WireHarness(MessageStore store) {
        this(store, LIMITS, RequestGate.OPEN);
    }

    WireHarness(MessageStore store, ServerLimits limits, RequestGate gate) {
        this.limits = limits;
        InetSocketAddress host = new InetSocketAddress(InetAddress.getLoopbackAddress(), 9876);
        ServerSettings settings = new ServerSettings(
                "tally", "cluster", "127.0.0.1:9876", host, true, 4, 4096, List.of(Duration.ofSeconds(1)));
        core = new BrokerCore(store, settings, Runnable::run, scheduler, () -> Instant.EPOCH, new Random(1), gate);
    }

    static ServerLimits limits(int maxFrameBytes) {
        Duration minute = Duration.ofSeconds(60);
        return new ServerLimits(maxFrameBytes, 5, 5, minute, minute, minute, 16 * 1024 * 1024, 64 * 1024 * 1024);
    }

    Channel connect() {
        Channel channel = new Channel();
        channel.pipeline()
                .addLast(
                        new FrameDecoder(limits),
                        new NettyConnection(channel, core.listener(), limits, new PendingBytes()));
        channel.pipeline().fireChannelActive();
        return channel;
    }

    /** An embedded channel whose other end has an address. */
    static final class Channel extends EmbeddedChannel {
        @Override
        protected SocketAddress remoteAddress0() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);
        }

        /** Releases what was answered; says how many bytes it was. */
        int discardAnswers() {
            int bytes = 0;
            for (ByteBuf out = readOutbound(); out != null; out = readOutbound()) {
                bytes += out.readableBytes();
                out.release();
            }
            return bytes;
        }
    }

    static Command sendCommand(HeaderForm form, String topic, byte[] body) {
        Fields fields = Fields.of(
                "a",
                "producers",
                "b",
                topic,
                "c",
                "TBW102",
                "d",
                4,
                "e",
                0,
                "f",
                0,
                "g",
                1_700_000_000_000L,
                "h",
                0,
                "i",
                "KEYS\u0001order-4711\u0002UNIQ_KEY\u00017F000001ABCD18B4AAC20000000A0001\u0002WAIT\u0001true\u0002TAGS\u0001created\u0002traceparent\u000100-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\u0002",
                "j",
                0,
                "k",
                false,
                "m",
                false,
                "n",
                "tally");
        return new Command(form, 310, 0, 513, 7, 0, null, fields, ByteBuffer.wrap(body));
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
    }
}
