package dev.tally.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.tally.broker.access.AccessControl;
import dev.tally.broker.engine.LogMessageStore;
import dev.tally.broker.engine.StoreConfig;
import dev.tally.broker.env.InlineWorkers;
import dev.tally.broker.env.ManualClock;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.CommandCodec;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.HeaderForm;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.request.RequestGate;
import dev.tally.broker.store.MessageStore;
import dev.tally.testkit.scenario.Scenario;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.apache.rocketmq.acl.common.AclUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** The corpus {@code hostile-frames.txt}: each frame alone, on a store that holds something to lose. */
class HostileFramesTest {

    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.tally.broker");
    private static final int SIGNED_REQUESTS = Integer.getInteger("tally.fuzz.signatures", 20_000);
    private static final long SEED = Long.getLong("tally.fuzz.seed", 4_711);
    private static final String NOT_ALLOWED = "" + ResponseCode.NO_PERMISSION;
    private static final String KEY = "shop-app";
    private static final String SECRET = "shop-secret";
    private static final String ACCOUNTS = """
            accounts:
              - accessKey: shop-app
                secretKey: shop-secret
                admin: true
            """;

    /** Longer than any frame of the corpus, as in a broker with default limits. */
    private static final ServerLimits LIMITS = WireHarness.limits(5 * 1024 * 1024);

    @TempDir
    private Path directory;

    private MessageStore store;

    @BeforeEach
    void open() throws Exception {
        LOG.setLevel(Level.OFF);
        store = LogMessageStore.open(
                StoreConfig.defaults(Path.of("/data")).withSegmentBytes(1024 * 1024, 1024 * 1024),
                new SimulatedDisk(1),
                new ManualClock(),
                new Random(1),
                new InlineWorkers());
        try (WireHarness harness = new WireHarness(store)) {
            WireHarness.Channel channel = harness.connect();
            for (int i = 0; i < 3; i++) {
                feed(channel, AllocationTest.frame(WireHarness.sendCommand(HeaderForm.JSON, "t", new byte[] {1, 2})));
            }
            assertThat(channel.discardAnswers()).isPositive();
            channel.finishAndReleaseAll();
        }
    }

    @AfterEach
    void close() {
        store.close();
        LOG.setLevel(null);
    }

    private RequestGate gate() throws Exception {
        Path file = directory.resolve("accounts.yml");
        Files.writeString(file, ACCOUNTS);
        return new AccessControl(file, store::messageAt, Runnable::run, () -> Instant.EPOCH);
    }

    private static void feed(WireHarness.Channel channel, byte[] bytes) {
        channel.writeInbound(
                PooledByteBufAllocator.DEFAULT.directBuffer(bytes.length).writeBytes(bytes));
        channel.checkException();
    }

    /** What came of it: the response code or that it was closed, and how. */
    private static String outcome(WireHarness harness, byte[] bytes) {
        WireHarness.Channel channel = harness.connect();
        try {
            feed(channel, bytes);
            ByteBuf out = channel.readOutbound();
            if (out == null) {
                return channel.isOpen() ? "nothing" : HostileFrame.CLOSE;
            }
            Command answer = CommandCodec.decode(out.skipBytes(Integer.BYTES).nioBuffer());
            String remark = String.valueOf(answer.remark());
            assertThat(remark.length()).as("length of a remark").isLessThan(2_000);
            out.release();
            return remark.startsWith("Request failed in the broker") ? remark : "" + answer.code();
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    private static List<HostileFrame> corpus() {
        return HostileFrame.corpus();
    }

    @Scenario("broker-41")
    @ParameterizedTest
    @MethodSource("corpus")
    void isRefusedAndChangesNothing(HostileFrame frame) {
        long before = store.stats().logBytes();
        try (WireHarness harness = new WireHarness(store, LIMITS, RequestGate.OPEN)) {
            assertThat(outcome(harness, frame.bytes())).isIn(frame.expected());
            assertThat(harness.core.heldPulls() + harness.core.heldPops()).isZero();
            assertThat(harness.core.consumerGroupsOnline()).isEmpty();
        }
        assertThat(store.stats().logBytes()).as("bytes of the log").isEqualTo(before);
        assertThat(store.poppedInFlight()).isZero();
    }

    @Scenario("broker-44")
    @Test
    void isRefusedBeforeAnythingLooksAtItWhereItIsNotSigned() throws Exception {
        long before = store.stats().logBytes();
        try (WireHarness harness = new WireHarness(store, LIMITS, gate())) {
            for (HostileFrame frame : corpus()) {
                assertThat(outcome(harness, frame.bytes()))
                        .as(frame.name())
                        .isIn(frame.expected().contains("nothing") ? "nothing" : HostileFrame.CLOSE, NOT_ALLOWED);
            }
        }
        assertThat(store.stats().logBytes()).as("bytes of the log").isEqualTo(before);
    }

    /** Each request there is, in both forms, its header cut after each byte. */
    @Scenario("broker-41")
    @Test
    void aHeaderThatIsCutAnywhereClosesItsConnection() {
        long before = store.stats().logBytes();
        try (WireHarness harness = new WireHarness(store, LIMITS, RequestGate.OPEN)) {
            for (HeaderForm form : HeaderForm.values()) {
                byte[] whole = AllocationTest.frame(Requests.of(RequestCode.POP_MESSAGE, form, new Random(SEED)));
                int header = ByteBuffer.wrap(whole).getInt(4) & 0xFFFFFF;
                for (int kept = 0; kept < header; kept++) {
                    byte[] cut = Arrays.copyOf(whole, 8 + kept);
                    int formBits = form == HeaderForm.JSON ? 0 : 1 << 24;
                    ByteBuffer.wrap(cut).putInt(0, 4 + kept).putInt(4, formBits | kept);
                    assertThat(outcome(harness, cut))
                            .as("%s cut to %s", form, kept)
                            .isEqualTo(HostileFrame.CLOSE);
                }
            }
        }
        assertThat(store.stats().logBytes()).isEqualTo(before);
    }

    private static Command signed(Command request) {
        List<Object> pairs = new ArrayList<>();
        request.fields().asMap().forEach((name, value) -> {
            pairs.add(name);
            pairs.add(value);
        });
        pairs.add("AccessKey");
        pairs.add(KEY);
        StringBuilder values = new StringBuilder();
        Fields unsigned = Fields.of(pairs.toArray());
        new TreeMap<>(unsigned.asMap()).values().forEach(values::append);
        byte[] head = WireHarness.text(values.toString());
        byte[] body = new byte[request.body().remaining()];
        request.body().duplicate().get(body);
        byte[] all = ByteBuffer.allocate(head.length + body.length)
                .put(head)
                .put(body)
                .array();
        pairs.add("Signature");
        pairs.add(AclUtils.calSignature(all, SECRET));
        return new Command(
                request.form(), request.code(), 0, 513, 9, 0, null, Fields.of(pairs.toArray()), ByteBuffer.wrap(body));
    }

    /** One byte of a value or of the body is another one. */
    private static byte[] forged(Command request, Random random) {
        List<Object> pairs = new ArrayList<>();
        request.fields().asMap().forEach((name, value) -> {
            pairs.add(name);
            pairs.add(value);
        });
        byte[] body = new byte[request.body().remaining()];
        request.body().duplicate().get(body);
        int at = 2 * random.nextInt(pairs.size() / 2) + 1;
        String value = (String) pairs.get(at);
        if (body.length > 0 && random.nextInt(3) == 0 || value.isEmpty()) {
            body = body.length == 0 ? new byte[] {1} : body;
            body[random.nextInt(body.length)]++;
        } else {
            StringBuilder other = new StringBuilder(value);
            int place = random.nextInt(value.length());
            other.setCharAt(place, value.charAt(place) == 'z' ? 'y' : 'z');
            pairs.set(at, other.toString());
        }
        return AllocationTest.frame(new Command(
                request.form(), request.code(), 0, 513, 9, 0, null, Fields.of(pairs.toArray()), ByteBuffer.wrap(body)));
    }

    @Scenario("broker-44")
    @Test
    void aSignatureFitsOneRequestOnlyByteByByte() throws Exception {
        long before = store.stats().logBytes();
        try (WireHarness harness = new WireHarness(store, LIMITS, gate())) {
            for (int i = 0; i < SIGNED_REQUESTS; i++) {
                Random random = new Random(SEED + i);
                Command request = signed(Requests.any(random));
                assertThat(outcome(harness, forged(request, random)))
                        .as("seed %s code %s", SEED + i, request.code())
                        .isEqualTo(NOT_ALLOWED);
            }
            assertThat(store.stats().logBytes()).isEqualTo(before);
            Command good = signed(WireHarness.sendCommand(HeaderForm.BINARY, "t", new byte[] {3}));
            assertThat(outcome(harness, AllocationTest.frame(good))).isEqualTo("" + ResponseCode.SUCCESS);
            assertThat(store.stats().logBytes()).isGreaterThan(before);
        }
    }
}
