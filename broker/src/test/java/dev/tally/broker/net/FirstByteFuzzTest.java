package dev.tally.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.tally.broker.TestCertificate;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.HeaderForm;
import dev.tally.testkit.scenario.Scenario;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Every first byte and what may follow it, whether connections are encrypted, may be, or must be. */
class FirstByteFuzzTest {

    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.tally.broker");
    private static final int CONNECTIONS = Integer.getInteger("tally.fuzz.connections", 2_000);
    private static final long SEED = Long.getLong("tally.fuzz.seed", 4_711);
    private static final byte HANDSHAKE = 0x16;
    private static final ServerLimits LIMITS = WireHarness.limits(64 * 1024);

    @TempDir
    private static Path directory;

    private static Path certificate;
    private static Path key;

    private final AtomicInteger received = new AtomicInteger();

    @BeforeAll
    static void makeCertificate() throws Exception {
        LOG.setLevel(Level.OFF);
        certificate = directory.resolve("cert.pem");
        key = directory.resolve("key.pem");
        TestCertificate.make(directory, "localhost", "EC").write(certificate, key);
    }

    @AfterAll
    static void speakAgain() {
        LOG.setLevel(null);
    }

    private static Tls tls(TlsMode mode) throws IOException {
        return mode == TlsMode.DISABLED
                ? Tls.disabled()
                : new Tls(TlsConfig.of(mode, certificate, key), () -> Instant.EPOCH);
    }

    private WireHarness.Channel connect(Tls tls) {
        ConnectionListener listener = new ConnectionListener() {
            @Override
            public void received(Connection connection, Command command) {
                received.incrementAndGet();
                connection.answer(command.answeredBy(Answer.ok()));
            }

            @Override
            public void closed(Connection connection) {}
        };
        WireHarness.Channel channel = new WireHarness.Channel();
        channel.pipeline()
                .addLast(
                        new FirstByte(tls),
                        new FrameDecoder(LIMITS),
                        new NettyConnection(channel, listener, LIMITS, new PendingBytes()));
        channel.pipeline().fireChannelActive();
        return channel;
    }

    /** Feeds bytes in pieces of random lengths; answers whether the connection still stands. */
    private static boolean feed(WireHarness.Channel channel, byte[] bytes, Random random) {
        for (int from = 0; from < bytes.length && channel.isOpen(); ) {
            int to = Math.min(bytes.length, from + 1 + random.nextInt(64));
            channel.writeInbound(
                    PooledByteBufAllocator.DEFAULT.directBuffer(to - from).writeBytes(bytes, from, to - from));
            from = to;
        }
        channel.checkException();
        return channel.isOpen();
    }

    private static byte[] request() {
        return AllocationTest.frame(
                new Command(HeaderForm.JSON, 34, 0, 513, 1, 0, null, Fields.none(), Command.noBody()));
    }

    private static String text(ByteBuf out) {
        String text = out.toString(StandardCharsets.ISO_8859_1);
        out.release();
        return text;
    }

    @Scenario("broker-41")
    @Test
    void noPlainByteIsReadWhereConnectionsMustBeEncryptedAndNoEncryptedOneWhereTheyMustNot() throws Exception {
        for (TlsMode mode : TlsMode.values()) {
            Tls tls = tls(mode);
            for (int first = 0; first < 256; first++) {
                WireHarness.Channel channel = connect(tls);
                byte[] bytes = request();
                bytes[0] = (byte) first;
                received.set(0);
                boolean open = feed(channel, bytes, new Random(SEED + first));
                boolean served = first == 0 && mode != TlsMode.ENFORCING;
                assertThat(received.get()).as("%s %s", mode, first).isEqualTo(served ? 1 : 0);
                assertThat(open).as("%s %s", mode, first).isEqualTo(served);
                if (!served) {
                    String answer = channel.readOutbound() instanceof ByteBuf out ? text(out) : "";
                    assertThat(answer).as("%s %s", mode, first).doesNotContain("opaque");
                }
                channel.finishAndReleaseAll();
            }
        }
    }

    @Scenario("broker-41")
    @Test
    void whateverFollowsAHandshakesFirstByteIsNeverARequest() throws Exception {
        Tls tls = tls(TlsMode.PERMISSIVE);
        for (int i = 0; i < CONNECTIONS; i++) {
            Random random = new Random(SEED + i);
            byte[] bytes = new byte[5 + random.nextInt(600)];
            random.nextBytes(bytes);
            bytes[0] = HANDSHAKE;
            if (random.nextInt(4) != 0) {
                // A record as it should be, up to what it says inside.
                bytes[1] = 3;
                bytes[2] = (byte) random.nextInt(5);
                bytes[3] = (byte) (random.nextInt(8) == 0 ? random.nextInt(256) : 0);
                bytes[4] = (byte) random.nextInt(256);
            }
            WireHarness.Channel channel = connect(tls);
            feed(channel, bytes, random);
            if (channel.isOpen()) {
                feed(channel, request(), random);
            }
            assertThat(received).as("seed %s", SEED + i).hasValue(0);
            channel.finishAndReleaseAll();
        }
    }
}
