package dev.tally.broker.engine;

import dev.tally.broker.env.InlineWorkers;
import dev.tally.broker.env.ManualClock;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.half.CheckPolicy;
import dev.tally.broker.queue.IndexConfig;
import dev.tally.broker.store.Appended;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOrigin;
import dev.tally.broker.store.DecisionOutcome;
import dev.tally.broker.store.DecisionRequest;
import dev.tally.broker.store.NewHalf;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.StoredMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** A store on a simulated disk, a manual clock and the calling thread. */
final class StoreFixture {

    static final Path DIRECTORY = Path.of("/data");
    static final Path SEGMENT_0 = DIRECTORY.resolve("log/00000000000000000000.log");
    static final String TOPIC = "orders";
    static final String GROUP = "producers";

    final ManualClock clock;
    SimulatedDisk disk;
    InlineWorkers workers = new InlineWorkers();
    StoreConfig config = StoreConfig.defaults(DIRECTORY).withSegmentBytes(16 * 1024, 16 * 1024);
    /** Small, so that few messages fill pages and files, and a few kilobytes of log are worth a snapshot. */
    DerivedConfig derived = new DerivedConfig(
            new IndexConfig(DIRECTORY.resolve("index"), 4, 3, 0, Long.MAX_VALUE),
            DIRECTORY.resolve("snapshot"),
            1024 * 1024);

    LogMessageStore store;

    StoreFixture() {
        this(new SimulatedDisk(1), new ManualClock());
    }

    StoreFixture(SimulatedDisk disk, ManualClock clock) {
        this.disk = disk;
        this.clock = clock;
    }

    static StoreFixture opened() {
        StoreFixture fixture = new StoreFixture();
        fixture.open();
        return fixture;
    }

    static StoreFixture opened(CheckPolicy checks) {
        StoreFixture fixture = new StoreFixture();
        fixture.config = fixture.config.withChecks(checks);
        fixture.open();
        return fixture;
    }

    void open() {
        workers = new InlineWorkers();
        try {
            store = StoreOpening.open(config, derived, disk, clock, new Random(7), workers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills the process: nothing is flushed or closed. */
    void crash(SimulatedDisk.Loss loss) {
        disk = disk.afterCrash(loss, 3);
    }

    void crashAndReopen() {
        crash(SimulatedDisk.Loss.EVERYTHING);
        open();
    }

    /** Takes away all that is derived from the log. */
    void loseDerived() {
        for (Path directory : List.of(DIRECTORY.resolve("index"), DIRECTORY.resolve("snapshot"))) {
            disk.list(directory).forEach(name -> disk.lose(directory.resolve(name)));
        }
    }

    static NewMessage message(String body) {
        return message(body, Duration.ZERO);
    }

    static NewMessage message(String body, Duration delay) {
        return new NewMessage(TOPIC, 0, body.hashCode(), ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), delay);
    }

    static NewHalf half(String body) {
        return half(message(body));
    }

    static NewHalf half(NewMessage message) {
        return new NewHalf(message, GROUP, "tx-" + message.tagsHash(), null);
    }

    Appended append(String body) {
        return store.append(List.of(message(body))).join().get(0);
    }

    long prepare(String body) {
        return store.prepare(half(body)).join().position();
    }

    DecisionOutcome commit(long position) {
        return decide(position, Decision.COMMIT);
    }

    DecisionOutcome rollback(long position) {
        return decide(position, Decision.ROLLBACK);
    }

    DecisionOutcome decide(long position, Decision decision) {
        return store.decide(request(position, decision)).join();
    }

    static DecisionRequest request(long position, Decision decision) {
        return new DecisionRequest(position, GROUP, decision, DecisionOrigin.PRODUCER);
    }

    List<String> visible() {
        return visible(0);
    }

    List<String> visible(int queueId) {
        ReadResult result = store.read(TOPIC, queueId, 0, Integer.MAX_VALUE, Integer.MAX_VALUE, tag -> true);
        return result.messages().stream().map(StoreFixture::body).toList();
    }

    static String body(StoredMessage message) {
        return StandardCharsets.UTF_8.decode(message.payload().duplicate()).toString();
    }

    /** Another log of the same shape. */
    void fillForeign() {
        config = config.withRememberedDecisions(10);
        try {
            store = StoreOpening.open(config, derived, disk, clock, new Random(99), workers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (int i = 0; i < 40; i++) {
            append(i + "x".repeat(1000));
        }
    }
}
