package dev.tally.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.tally.broker.engine.LogMessageStore;
import dev.tally.broker.engine.StoreConfig;
import dev.tally.broker.env.InlineWorkers;
import dev.tally.broker.env.ManualClock;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.CommandCodec;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.HeaderForm;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.request.RequestCounts;
import dev.tally.broker.store.MessageStore;
import dev.tally.testkit.scenario.Scenario;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Frames that nobody would send, through decoder, dispatcher, every handler and the real store. The budget is
 * {@code tally.fuzz.frames}, the seed {@code tally.fuzz.seed}; a failure names the seed of its frame.
 */
class FuzzTest {

    private static final int FRAMES = Integer.getInteger("tally.fuzz.frames", 100_000);
    private static final long SEED = Long.getLong("tally.fuzz.seed", 4_711);
    private static final int FRAMES_ON_A_STORE = 10_000;
    private static final long STEADY_BYTES = 8 * 1024 * 1024;

    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.tally.broker");
    private static final ResourceLeakDetector.Level LEVEL = ResourceLeakDetector.getLevel();

    @BeforeAll
    static void silenceAndWatch() {
        LOG.setLevel(Level.OFF);
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    }

    @AfterAll
    static void speakAgain() {
        LOG.setLevel(null);
        ResourceLeakDetector.setLevel(LEVEL);
    }

    @Scenario("broker-41")
    @Test
    void answersOrClosesWhateverComesAndKeepsNothing() throws IOException {
        AtomicInteger leaks = new AtomicInteger();
        Logger detector = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
        LeakCounter counter = new LeakCounter(leaks);
        counter.setContext(detector.getLoggerContext());
        counter.start();
        detector.addAppender(counter);
        int closed = 0;
        int answered = 0;
        Set<Integer> met = new TreeSet<>();
        long steady = 0;
        for (int from = 0; from < FRAMES; from += FRAMES_ON_A_STORE) {
            try (MessageStore store = store();
                    WireHarness harness = new WireHarness(store)) {
                WireHarness.Channel channel = harness.connect();
                for (int frame = from; frame < Math.min(FRAMES, from + FRAMES_ON_A_STORE); frame++) {
                    answered += feed(channel, SEED + frame);
                    if (!channel.isOpen()) {
                        closed++;
                        channel.finishAndReleaseAll();
                        channel = harness.connect();
                    }
                }
                channel.finishAndReleaseAll();
                assertThat(harness.core.heldPulls())
                        .as("held pulls after the last connection, seed %s", SEED)
                        .isZero();
                assertThat(harness.core.heldPops())
                        .as("held pops after the last connection, seed %s", SEED)
                        .isZero();
                harness.core.requests().all().forEach(count -> met.add(count.code()));
            }
            if (from == 0) {
                steady = directBytes();
            }
        }
        assertThat(met).as("request codes that were handled").containsAll(supported());
        System.gc();
        // The detector reports what was collected when the next buffers are made.
        for (int i = 0; i < 1_000; i++) {
            PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
        }
        detector.detachAppender(counter);
        assertThat(leaks).as("leaks").hasValue(0);
        assertThat(directBytes()).as("direct memory").isLessThan(steady + STEADY_BYTES);
        assertThat(answered).as("answers").isGreaterThan(FRAMES / 10);
        assertThat(closed).as("closed connections").isGreaterThan(FRAMES / 20);
    }

    private static final class LeakCounter
            extends ch.qos.logback.core.AppenderBase<ch.qos.logback.classic.spi.ILoggingEvent> {
        private final AtomicInteger leaks;

        LeakCounter(AtomicInteger leaks) {
            this.leaks = leaks;
        }

        @Override
        protected void append(ch.qos.logback.classic.spi.ILoggingEvent event) {
            if (event.getFormattedMessage().contains("LEAK")) {
                leaks.incrementAndGet();
            }
        }
    }

    private static MessageStore store() throws IOException {
        return LogMessageStore.open(
                StoreConfig.defaults(Path.of("/data")).withSegmentBytes(1024 * 1024, 1024 * 1024),
                new SimulatedDisk(1),
                new ManualClock(),
                new Random(1),
                new InlineWorkers());
    }

    private static long directBytes() {
        long pools = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return pools + Math.max(0, PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory());
    }

    /** One frame, in one piece or several; answers how many answers there were. */
    private static int feed(WireHarness.Channel channel, long seed) {
        Random random = new Random(seed);
        byte[] frame = frame(random);
        try {
            int cut = random.nextInt(4) == 0 ? random.nextInt(frame.length + 1) : frame.length;
            write(channel, frame, 0, cut);
            if (cut < frame.length && channel.isOpen()) {
                write(channel, frame, cut, frame.length);
            }
            int bytes = 0;
            for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
                bytes += out.readableBytes();
                String answer = out.toString(StandardCharsets.ISO_8859_1);
                out.release();
                // What nobody thought of: a person would be called to each of them.
                assertThat(answer).doesNotContain("Request failed in the broker");
            }
            channel.checkException();
            if (random.nextInt(8) == 0 && channel.isOpen()) {
                // A frame that lacks its end takes the next one's beginning for it: not a state to go on in for ever.
                channel.close();
            }
            return bytes > 0 ? 1 : 0;
        } catch (Throwable e) {
            throw new AssertionError("seed " + seed + " frame " + HexFormat.of().formatHex(frame), e);
        }
    }

    private static void write(WireHarness.Channel channel, byte[] bytes, int from, int to) {
        ByteBuf in = PooledByteBufAllocator.DEFAULT.directBuffer(Math.max(1, to - from));
        channel.writeInbound(in.writeBytes(bytes, from, to - from));
    }

    private static byte[] frame(Random random) {
        Command request = Requests.any(random);
        byte[] frame = AllocationTest.frame(request);
        return switch (random.nextInt(12)) {
            case 0 -> frame;
            case 1 -> noise(random);
            case 2 -> cut(frame, random);
            case 3 -> ByteBuffer.wrap(frame.clone()).putInt(4, random.nextInt()).array();
            case 4 -> ByteBuffer.wrap(frame.clone()).putInt(0, random.nextInt()).array();
            case 5, 6, 7, 8 -> AllocationTest.frame(Requests.spoilt(request, random));
            default -> flipped(frame, random);
        };
    }

    private static byte[] noise(Random random) {
        byte[] noise = new byte[8 + random.nextInt(200)];
        random.nextBytes(noise);
        int length = noise.length - 4;
        if (random.nextBoolean()) {
            ByteBuffer.wrap(noise).putInt(0, length).putInt(4, random.nextInt(2) << 24 | random.nextInt(length));
        }
        return noise;
    }

    /** Shorter than it was, but its length says so. */
    private static byte[] cut(byte[] frame, Random random) {
        byte[] shorter = java.util.Arrays.copyOf(frame, 8 + random.nextInt(frame.length - 8));
        ByteBuffer.wrap(shorter).putInt(0, shorter.length - 4);
        return shorter;
    }

    private static byte[] flipped(byte[] frame, Random random) {
        byte[] bad = frame.clone();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            bad[8 + random.nextInt(bad.length - 8)] = (byte) random.nextInt(256);
        }
        return bad;
    }

    /** What the broker has a handler for, refusals with a reason of their own included. */
    private static List<Integer> supported() throws IOException {
        try (MessageStore store = store();
                WireHarness harness = new WireHarness(store)) {
            WireHarness.Channel channel = harness.connect();
            for (int code : Requests.CODES) {
                byte[] frame = AllocationTest.frame(Requests.of(code, HeaderForm.JSON, new Random(SEED)));
                write(channel, frame, 0, frame.length);
                channel.discardAnswers();
            }
            channel.finishAndReleaseAll();
            return harness.core.requests().all().stream()
                    .map(RequestCounts.Count::code)
                    .filter(code -> code >= 0)
                    .distinct()
                    .toList();
        }
    }

    @Scenario("broker-41")
    @Test
    void saysThatARequestCodeIsNotSupported() throws IOException {
        List<Integer> known = new ArrayList<>();
        try (MessageStore store = store();
                WireHarness harness = new WireHarness(store)) {
            WireHarness.Channel channel = harness.connect();
            for (int code = 0; code < 1_000; code++) {
                Command request =
                        new Command(HeaderForm.JSON, code, 0, 1 << 20, code, 0, null, Fields.none(), Command.noBody());
                byte[] frame = AllocationTest.frame(request);
                write(channel, frame, 0, frame.length);
                ByteBuf out = channel.readOutbound();
                Command answer = CommandCodec.decode(out.skipBytes(4).nioBuffer());
                out.release();
                assertThat(answer.opaque()).isEqualTo(code);
                if (answer.code() == ResponseCode.REQUEST_CODE_NOT_SUPPORTED) {
                    assertThat(answer.remark()).contains("Request code " + code + " is not supported");
                } else {
                    known.add(code);
                }
            }
            assertThat(channel.isOpen()).isTrue();
            channel.finishAndReleaseAll();
        }
        assertThat(known).hasSizeBetween(20, 100).contains(10, 11, 34, 37, 310);
    }
}
