package dev.tally.broker.engine;

import static dev.tally.broker.engine.StoreFixture.DIRECTORY;
import static dev.tally.broker.engine.StoreFixture.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.env.SimulatedDisk.Operation;
import dev.tally.broker.log.LogCorruptedException;
import dev.tally.broker.queue.IndexConfig;
import dev.tally.broker.queue.IndexCorruptedException;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOutcome;
import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.TopicConfig;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Snapshots and queue indexes: used when they are whole, built again from the log when they are not. */
class DerivedFilesTest {

    private static final Path INDEX = DIRECTORY.resolve("index");
    private static final Path SNAPSHOTS = DIRECTORY.resolve("snapshot");

    private final StoreFixture fixture = StoreFixture.opened();
    private String expected = "";

    /** Two snapshots with something of everything before, between and behind them. */
    @BeforeEach
    void fill() {
        for (int round = 0; round < 3; round++) {
            fill(round);
            if (round < 2) {
                fixture.store.snapshot().join();
            }
        }
        expected = StateDump.of(fixture.store);
        assertThat(names(SNAPSHOTS)).hasSize(2);
        assertThat(names(INDEX)).hasSizeGreaterThan(3);
    }

    private void fill(int round) {
        fixture.store.saveTopic(new TopicConfig("topic" + round, 2, 3, 6, 1)).join();
        fixture.store
                .saveGroup(new GroupConfig("group" + round, round == 1, 2, 5))
                .join();
        fixture.store
                .commitOffset("readers", StoreFixture.TOPIC, round, 3 + round)
                .join();
        for (int i = 0; i < 30; i++) {
            NewMessage message = message(round + "-" + i);
            fixture.store
                    .append(List.of(new NewMessage(
                            StoreFixture.TOPIC, i % 3, message.tagsHash(), message.payload(), message.delay())))
                    .join();
        }
        fixture.store
                .append(List.of(message("later" + round, Duration.ofMinutes(3))))
                .join();
        long committed = fixture.prepare("c" + round);
        long rolledBack = fixture.prepare("r" + round);
        fixture.prepare("u" + round);
        fixture.commit(committed);
        fixture.rollback(rolledBack);
    }

    private List<String> names(Path directory) {
        return fixture.disk.list(directory);
    }

    private List<Path> derivedFiles() {
        List<Path> files = new ArrayList<>();
        for (Path directory : List.of(SNAPSHOTS, INDEX)) {
            names(directory).forEach(name -> files.add(directory.resolve(name)));
        }
        return files;
    }

    private long recordsReadByOpen() {
        fixture.open();
        return fixture.store.recovery().records();
    }

    private void assertSameState(String what) {
        assertThat(StateDump.of(fixture.store)).as(what).isEqualTo(expected);
        assertThat(fixture.append("goes on").queueOffset()).as(what).isPositive();
        fixture.crashAndReopen();
        assertThat(fixture.visible()).as(what).contains("goes on");
    }

    @Test
    void readsOnlyTheLogBehindTheNewestSnapshot() {
        fixture.crash(Loss.EVERYTHING);
        SimulatedDisk crashed = fixture.disk;
        fixture.disk = crashed.afterCrash(Loss.EVERYTHING, 1);
        long fromNewest = recordsReadByOpen();
        assertSameState("from the newest");

        fixture.disk = crashed.afterCrash(Loss.EVERYTHING, 1);
        fixture.disk.lose(SNAPSHOTS.resolve(names(SNAPSHOTS).get(1)));
        long fromOlder = recordsReadByOpen();
        assertSameState("from the older");

        fixture.disk = crashed.afterCrash(Loss.EVERYTHING, 1);
        fixture.loseDerived();
        long fromLog = recordsReadByOpen();
        assertSameState("from the log");

        assertThat(fromNewest * 2).isLessThanOrEqualTo(fromOlder + 3);
        assertThat(fromOlder).isLessThan(fromLog);
    }

    @Scenario("broker-5")
    @Test
    void buildsTheSameStateWhicheverDerivedFileIsDeletedTruncatedOrFlipped() throws IOException {
        fixture.crash(Loss.EVERYTHING);
        SimulatedDisk crashed = fixture.disk;
        Random random = new Random(4);
        for (Path file : derivedFiles()) {
            byte[] good = crashed.bytes(file);
            List<byte[]> damages = new ArrayList<>();
            damages.add(new byte[0]);
            damages.add(Arrays.copyOf(good, good.length / 2));
            damages.add(Arrays.copyOf(good, good.length + 512));
            damages.add(new byte[good.length]);
            for (int i = 0; i < 24; i++) {
                byte[] flipped = good.clone();
                flipped[random.nextInt(good.length)] ^= (byte) (1 << random.nextInt(8));
                damages.add(flipped);
            }
            for (byte[] damaged : damages) {
                fixture.disk = crashed.afterCrash(Loss.EVERYTHING, 1);
                fixture.disk.replace(file, damaged);
                fixture.open();
                assertSameState("damaged: " + file);
            }
            fixture.disk = crashed.afterCrash(Loss.EVERYTHING, 1);
            fixture.disk.lose(file);
            fixture.open();
            assertSameState("deleted: " + file);
        }
    }

    @Scenario("broker-5")
    @Test
    void buildsTheSameStateFromTheLogAlone() throws IOException {
        fixture.crash(Loss.EVERYTHING);
        SimulatedDisk crashed = fixture.disk;
        for (List<Path> lost : List.of(List.of(SNAPSHOTS), List.of(INDEX), List.of(SNAPSHOTS, INDEX))) {
            fixture.disk = crashed.afterCrash(Loss.EVERYTHING, 1);
            for (Path directory : lost) {
                names(directory).forEach(name -> fixture.disk.lose(directory.resolve(name)));
            }
            fixture.open();
            assertSameState("lost: " + lost);
        }
        fixture.disk = crashed.afterCrash(Loss.EVERYTHING, 1);
        for (Path file : derivedFiles()) {
            fixture.disk.damage(file, 40, 1);
        }
        fixture.open();
        assertSameState("everything damaged");
    }

    @Scenario("broker-5")
    @Test
    void takesNoSnapshotOrIndexOfAnotherLog() throws IOException {
        StoreFixture other = new StoreFixture(new SimulatedDisk(5), fixture.clock);
        other.fillForeign();
        other.store.snapshot().join();
        fixture.crash(Loss.EVERYTHING);
        SimulatedDisk crashed = fixture.disk;
        for (String name : names(INDEX)) {
            if (other.disk.exists(INDEX.resolve(name))) {
                fixture.disk.replace(INDEX.resolve(name), other.disk.bytes(INDEX.resolve(name)));
            }
        }
        fixture.open();
        assertSameState("an index of another directory");

        fixture.disk = crashed.afterCrash(Loss.EVERYTHING, 1);
        String newest = other.disk.list(SNAPSHOTS).get(0);
        fixture.disk.replace(SNAPSHOTS.resolve(newest), other.disk.bytes(SNAPSHOTS.resolve(newest)));
        for (String name : other.disk.list(INDEX)) {
            fixture.disk.replace(INDEX.resolve(name), other.disk.bytes(INDEX.resolve(name)));
        }
        assertThatThrownBy(fixture::open)
                .as("a snapshot that is newer than the log means that log files are missing")
                .isInstanceOf(LogCorruptedException.class);
    }

    @Scenario("broker-5")
    @Test
    void namesADamagedPageAtAReadAndBuildsItAgainAtTheNextStart() throws IOException {
        String first = names(INDEX).get(0);
        for (int at = 40; at < 1000; at += 100) {
            if (at < fixture.disk.bytes(INDEX.resolve(first)).length) {
                fixture.disk.damage(INDEX.resolve(first), at, 1);
            }
        }
        assertThatThrownBy(fixture::visible)
                .isInstanceOf(IndexCorruptedException.class)
                .hasMessageContaining(INDEX.resolve(first).toString())
                .hasMessageContaining("page 0 ")
                .hasMessageContaining("nothing is lost");
        assertThat(names(SNAPSHOTS)).isEmpty();
        fixture.store.snapshot().join();
        assertThat(names(SNAPSHOTS)).as("none that names the page").isEmpty();

        fixture.crashAndReopen();

        assertSameState("built again");
    }

    @Test
    void countsOfDeliveredChecksSurviveInASnapshot() {
        StoreFixture checked = StoreFixture.opened();
        long position = checked.prepare("h");
        checked.store.checkDelivered(position);
        checked.store.checkDelivered(position);
        checked.store.snapshot().join();
        checked.store.checkDelivered(position);
        checked.crashAndReopen();

        assertThat(checked.store.undecided(HalfState.PREPARED, 9))
                .singleElement()
                .satisfies(half -> assertThat(half.checks()).isEqualTo(2));
    }

    @Test
    void repeatsADecisionThatOnlyTheSnapshotTellsTheStart() {
        StoreFixture decided = StoreFixture.opened();
        long position = decided.prepare("h");
        decided.commit(position);
        decided.store.close();
        decided.open();

        assertThat(decided.store.recovery().records()).isLessThan(4);
        assertThat(decided.commit(position)).isEqualTo(new DecisionOutcome.Decided(Decision.COMMIT, 0, false));
    }

    @Scenario("broker-10")
    @Test
    void aSnapshotThatFailsOnAFullDiskHarmsNothingAndIsTriedAgain() {
        List<String> before = names(SNAPSHOTS);
        for (Operation operation : List.of(Operation.WRITE, Operation.FORCE)) {
            long failures = fixture.store.snapshots().failures();
            fixture.disk.failOnce(operation, 0);
            fixture.store.snapshot().join();
            assertThat(fixture.store.snapshots().failures()).isEqualTo(failures + 1);
            assertThat(names(SNAPSHOTS)).as("the old ones stay, no half one").isEqualTo(before);
            fixture.append("after a failed snapshot");
        }
        expected = StateDump.of(fixture.store);
        fixture.crash(Loss.EVERYTHING);
        SimulatedDisk crashed = fixture.disk;
        fixture.open();
        assertSameState("after failed snapshots");

        fixture.disk = crashed.afterCrash(Loss.EVERYTHING, 1);
        fixture.open();
        fixture.store.snapshot().join();
        assertThat(names(SNAPSHOTS)).hasSize(2).isNotEqualTo(before);
    }

    @Scenario("broker-10")
    @Test
    void pagesThatAFullDiskRefusesStayInMemoryAndAreWrittenLater() {
        fixture.disk.usableSpace(0);
        int files = names(INDEX).size();
        for (int i = 0; i < 60; i++) {
            fixture.append("full" + i);
        }
        assertThat(names(INDEX)).hasSize(files);
        assertThat(fixture.visible()).contains("full0", "full59");
        fixture.store.snapshot().join();
        expected = StateDump.of(fixture.store);
        fixture.crash(Loss.EVERYTHING);
        SimulatedDisk crashed = fixture.disk;
        fixture.disk.usableSpace(0);
        fixture.open();
        assertSameState("pages in the snapshot");

        fixture.disk = crashed.afterCrash(Loss.EVERYTHING, 1);
        fixture.open();
        for (int i = 0; i < 8; i++) {
            fixture.clock.advance(Duration.ofSeconds(1));
            fixture.append("space again" + i);
        }
        assertThat(names(INDEX)).hasSizeGreaterThan(files + 3);
        assertThat(fixture.visible()).contains("full0", "full59", "space again7");
    }

    @Test
    void deletesIndexFilesThatNoQueueAndNoSnapshotNeedsAndMovesTheLastPagesOfOthers() {
        StoreFixture busy = new StoreFixture();
        busy.derived = new DerivedConfig(new IndexConfig(INDEX, 2, 12, 0, Long.MAX_VALUE), SNAPSHOTS, Long.MAX_VALUE);
        busy.open();
        for (int i = 0; i < 400; i++) {
            NewMessage message = message("m" + i);
            int queue = i % 20 == 0 ? 1 : 0;
            busy.store
                    .append(List.of(new NewMessage(
                            StoreFixture.TOPIC, queue, message.tagsHash(), message.payload(), message.delay())))
                    .join();
        }
        int files = busy.disk.list(INDEX).size();
        assertThat(files).isGreaterThan(12);
        busy.store.snapshot().join();
        busy.store.state().queues.obtain(StoreFixture.TOPIC, 0).advanceFirst(370);
        busy.append("a");
        busy.store.snapshot().join();
        assertThat(busy.disk.list(INDEX)).as("the older snapshot knows them").hasSizeGreaterThanOrEqualTo(files);
        busy.append("b");
        busy.store.snapshot().join();
        assertThat(busy.disk.list(INDEX)).hasSizeLessThan(5);
        String before = StateDump.of(busy.store);
        assertThat(busy.visible(1)).hasSize(20);
        assertThat(busy.store.minOffset(StoreFixture.TOPIC, 0)).isEqualTo(370);

        busy.crashAndReopen();

        assertThat(StateDump.of(busy.store)).isEqualTo(before);
        assertThat(busy.visible(1)).hasSize(20);
    }

    @Test
    void boundsWhatManyQueuesHoldInMemoryAndForgetsNothing() {
        StoreFixture many = new StoreFixture();
        long bound = 4000;
        many.derived = new DerivedConfig(new IndexConfig(INDEX, 8, 50, 0, bound), SNAPSHOTS, Long.MAX_VALUE);
        many.open();
        Random random = new Random(6);
        for (int i = 0; i < 3000; i++) {
            NewMessage message = message("m" + i);
            many.store
                    .append(List.of(
                            new NewMessage("topic-" + random.nextInt(100), 0, i, message.payload(), message.delay())))
                    .join();
            assertThat(many.store.state().queues.memoryBytes()).isLessThanOrEqualTo(bound);
        }
        for (int snapshot = 0; snapshot < 4; snapshot++) {
            many.append("s" + snapshot);
            many.store.snapshot().join();
        }
        assertThat(many.disk.list(INDEX))
                .as("files of pages that were replaced go")
                .hasSizeLessThan(40);
        String before = StateDump.of(many.store);
        many.crashAndReopen();
        assertThat(StateDump.of(many.store)).isEqualTo(before);
        assertThat(many.store.state().queues.memoryBytes()).isLessThanOrEqualTo(bound);
        many.crash(Loss.EVERYTHING);
        many.loseDerived();
        many.open();
        assertThat(StateDump.of(many.store)).isEqualTo(before);
    }

    private static StoreFixture withoutFiles(int pageEntries, long snapshotEveryBytes) {
        StoreFixture empty = new StoreFixture();
        empty.derived = new DerivedConfig(
                new IndexConfig(INDEX, pageEntries, 3, 0, Long.MAX_VALUE), SNAPSHOTS, snapshotEveryBytes);
        empty.open();
        return empty;
    }

    @Test
    void takesSnapshotsByItselfWhenEnoughWasLogged() {
        StoreFixture logging = withoutFiles(1000, 64 * 1024);
        String padding = "x".repeat(1000);
        for (int i = 0; i < 50; i++) {
            logging.append(i + padding);
        }
        logging.store.tick();
        assertThat(logging.disk.list(SNAPSHOTS)).isEmpty();
        for (int i = 0; i < 20; i++) {
            logging.append(i + padding);
        }
        logging.store.tick();
        List<String> taken = logging.disk.list(SNAPSHOTS);
        assertThat(taken).hasSize(1);
        logging.store.tick();
        assertThat(logging.disk.list(SNAPSHOTS)).isEqualTo(taken);
    }

    @Test
    void takesSnapshotsByItselfWhenManyIndexFilesWereWritten() {
        StoreFixture paging = withoutFiles(1, Long.MAX_VALUE);
        for (int i = 0; i < 80; i++) {
            paging.append("m" + i);
        }
        paging.store.tick();
        assertThat(paging.disk.list(SNAPSHOTS)).isEmpty();
        for (int i = 0; i < 20; i++) {
            paging.append("m" + i);
        }
        paging.store.tick();
        assertThat(paging.disk.list(SNAPSHOTS)).hasSize(1);
    }
}
