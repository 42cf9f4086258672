package dev.tally.broker.engine;

import static dev.tally.broker.engine.StoreFixture.DIRECTORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.key.KeyIndexConfig;
import dev.tally.broker.key.KeyIndexCorruptedException;
import dev.tally.broker.queue.IndexConfig;
import dev.tally.broker.retention.RetentionConfig;
import dev.tally.broker.store.KeyQuery;
import dev.tally.broker.store.NewMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages are found by their keys, whatever happens to the files of the index. A message's body is its key here. */
class KeyLookupTest {

    private static final Path KEYS = DIRECTORY.resolve("keys");
    private static final Path SNAPSHOTS = DIRECTORY.resolve("snapshot");
    private static final int RUN = 8;

    private StoreFixture fixture = new StoreFixture();

    private static void keysOf(String topic, ByteBuffer payload, LongConsumer hashes) {
        for (String key : StandardCharsets.UTF_8
                .decode(payload.duplicate())
                .toString()
                .split("~")[0]
                .split(" ")) {
            hashes.accept(hash(topic, key));
        }
    }

    /** Few values, so that different keys meet. */
    private static long hash(String topic, String key) {
        return Math.floorMod((topic + key).hashCode(), 61) - 30;
    }

    private static DerivedConfig derived(long snapshotEveryBytes) {
        return new DerivedConfig(
                new IndexConfig(DIRECTORY.resolve("index"), 4, 3, 0, Long.MAX_VALUE),
                SNAPSHOTS,
                snapshotEveryBytes,
                new KeyIndexConfig(KEYS, RUN, 0, KeyLookupTest::keysOf));
    }

    @BeforeEach
    void open() {
        fixture.derived = derived(1024 * 1024);
        fixture.open();
    }

    private List<String> found(String key) {
        return found(key, 0, Long.MAX_VALUE, Integer.MAX_VALUE);
    }

    private List<String> found(String key, long fromMillis, long toMillis, int max) {
        KeyQuery query = new KeyQuery(StoreFixture.TOPIC, hash(StoreFixture.TOPIC, key), fromMillis, toMillis, max);
        return fixture
                .store
                .findByKey(query, message -> List.of(
                                StoreFixture.body(message).split("~")[0].split(" "))
                        .contains(key))
                .messages()
                .stream()
                .map(StoreFixture::body)
                .toList();
    }

    private void fill(String prefix, int messages) {
        for (int i = 0; i < messages; i++) {
            fixture.append(prefix + i + " all");
        }
    }

    private void assertFindsAll(String prefix, int messages, String what) {
        for (int i = 0; i < messages; i++) {
            assertThat(found(prefix + i)).as(what + ", key " + prefix + i).containsExactly(prefix + i + " all");
        }
    }

    private List<String> names() {
        return fixture.disk.list(KEYS);
    }

    @Test
    void findsByEachKeyTheNewestInTheOrderOfTheLogAndNothingElse() {
        fill("a", 50);
        assertFindsAll("a", 50, "running");
        assertThat(found("a50")).isEmpty();
        assertThat(found("")).isEmpty();
        assertThat(found("all", 0, Long.MAX_VALUE, 3)).containsExactly("a47 all", "a48 all", "a49 all");
        assertThat(found("all")).hasSize(50).startsWith("a0 all");
        assertThat(found("all", 0, Long.MAX_VALUE, 0)).isEmpty();
        assertThat(names()).hasSizeGreaterThan(5);
        KeyQuery otherTopic = new KeyQuery("other", hash(StoreFixture.TOPIC, "a1"), 0, Long.MAX_VALUE, 10);
        assertThat(fixture.store.findByKey(otherTopic, message -> true).messages())
                .isEmpty();
    }

    @Test
    void findsByTheTimeAtWhichMessagesWereStored() {
        fill("early", 20);
        long between = fixture.clock.millis() + 1;
        fixture.clock.advance(Duration.ofMinutes(1));
        fill("late", 20);
        assertThat(found("all", 0, between, 100)).hasSize(20).allMatch(body -> body.startsWith("early"));
        assertThat(found("all", between, Long.MAX_VALUE, 100)).hasSize(20).allMatch(body -> body.startsWith("late"));
        assertThat(found("all", between, between, 100)).isEmpty();
    }

    @Test
    void findsWhatIsVisibleOnly() {
        long committed = fixture.prepare("committed");
        long rolledBack = fixture.prepare("rolledBack");
        fixture.prepare("undecided");
        fixture.store
                .append(List.of(StoreFixture.message("delayed", Duration.ofMinutes(1))))
                .join();
        assertThat(found("committed")).isEmpty();
        fixture.commit(committed);
        fixture.rollback(rolledBack);
        assertThat(found("committed")).containsExactly("committed");
        assertThat(found("rolledBack")).isEmpty();
        assertThat(found("undecided")).isEmpty();
        assertThat(found("delayed")).isEmpty();
        fixture.clock.advance(Duration.ofMinutes(2));
        fixture.store.tick();
        assertThat(found("delayed")).containsExactly("delayed");
    }

    @Test
    void findsTheSameAfterEveryKindOfRestart() {
        for (int round = 0; round < 4; round++) {
            fill("k" + round + "-", 13);
            fixture.store.snapshot().join();
        }
        fill("tail", 13);
        for (Loss loss : Loss.values()) {
            fixture.crash(loss);
            fixture.open();
            assertKeys("after losing " + loss);
        }
        fixture.store.close();
        fixture.open();
        assertKeys("after a stop");
        fixture.crash(Loss.EVERYTHING);
        names().forEach(name -> fixture.disk.lose(KEYS.resolve(name)));
        fixture.open();
        assertKeys("without its files");
    }

    private void assertKeys(String what) {
        for (int round = 0; round < 4; round++) {
            assertFindsAll("k" + round + "-", 13, what);
        }
        assertFindsAll("tail", 13, what);
        assertThat(found("all")).as(what).hasSize(65);
    }

    @Test
    void readsTheLogFromTheSnapshotOnWhenItsFilesAreThereAndAllOfItWhenOneIsMissing() {
        fill("a", 100);
        fixture.store.snapshot().join();
        fixture.crash(Loss.EVERYTHING);
        SimulatedDisk crashed = fixture.disk;
        fixture.disk = crashed.afterCrash(Loss.EVERYTHING, 1);
        fixture.open();
        assertThat(fixture.store.recovery().records()).isLessThan(20);
        assertFindsAll("a", 100, "from the snapshot");

        List<String> names = List.copyOf(names());
        for (String name : names) {
            fixture.disk = crashed.afterCrash(Loss.EVERYTHING, 1);
            fixture.disk.lose(KEYS.resolve(name));
            fixture.open();
            assertThat(fixture.store.recovery().records()).as(name).isGreaterThan(90);
            assertFindsAll("a", 100, "without " + name);
        }
    }

    @Test
    void saysThatAFileIsDamagedAndBuildsTheIndexAgainAtTheNextStart() throws Exception {
        fill("a", 100);
        fixture.store.snapshot().join();
        fixture.crash(Loss.EVERYTHING);
        SimulatedDisk crashed = fixture.disk;
        Random random = new Random(5);
        for (String name : List.copyOf(names())) {
            fixture.disk = crashed.afterCrash(Loss.EVERYTHING, 1);
            byte[] bytes = fixture.disk.bytes(KEYS.resolve(name));
            int at = random.nextInt(Math.min(bytes.length, 64 + 16 + RUN * 16));
            // The zeros behind the head's fields are part of its checksum as well.
            fixture.disk.damage(KEYS.resolve(name), at, 1 << random.nextInt(8));
            fixture.open();
            assertThatThrownBy(() -> assertFindsAll("a", 100, name))
                    .as(name + " at " + at)
                    .isInstanceOf(KeyIndexCorruptedException.class)
                    .hasMessageContaining(name);
            assertThat(fixture.append("goes on").queueOffset()).isEqualTo(100);
            fixture.crashAndReopen();
            assertFindsAll("a", 100, name);
        }
    }

    @Test
    void keepsFewFilesHoweverOftenItIsStoppedAndStarted() {
        for (int i = 0; i < 60; i++) {
            fixture.append("k" + i);
            fixture.store.close();
            fixture.open();
        }
        assertThat(names()).hasSizeLessThanOrEqualTo(60 * 2 / RUN + 3);
        for (int i = 0; i < 60; i++) {
            assertThat(found("k" + i)).containsExactly("k" + i);
        }
    }

    @Test
    void goesWithTheLogAndStillFindsWhatWasCopiedForward() {
        fixture.config = fixture.config.withRetention(RetentionConfig.defaults());
        fixture.store.close();
        fixture.open();
        fixture.append("kept all~" + "x".repeat(900));
        long undecided = fixture.prepare("decided-later");
        for (int i = 0; i < 100; i++) {
            fixture.append("gone" + i + "~" + "x".repeat(900));
        }
        fixture.store
                .commitOffset("readers", StoreFixture.TOPIC, 0, fixture.store.maxOffset(StoreFixture.TOPIC, 0))
                .join();
        fixture.store.snapshot().join();
        int before = names().size();
        fixture.clock.advance(Duration.ofHours(80));
        fixture.store.retain();
        fixture.append("new");
        for (int i = 0; i < 3; i++) {
            fixture.append("more" + i);
            fixture.store.snapshot().join();
        }
        assertThat(names()).hasSizeLessThan(before / 2);
        assertThat(found("gone3")).isEmpty();
        fixture.commit(undecided);
        assertThat(found("decided-later")).containsExactly("decided-later");
        assertThat(found("new")).containsExactly("new");
        fixture.crashAndReopen();
        assertThat(fixture.store.recovery().records()).isLessThan(20);
        assertThat(found("decided-later")).containsExactly("decided-later");
    }

    @Test
    void survivesACrashAtEveryStepOfTheDisk() {
        for (int step = 1; step < 400; step += 3) {
            fixture = new StoreFixture(new SimulatedDisk(step), fixture.clock);
            fixture.derived = derived(2048);
            fixture.open();
            fixture.disk.crashAtStep(fixture.disk.steps() + step);
            List<String> answered = new ArrayList<>();
            boolean crashed = false;
            for (int i = 0; i < 60 && !crashed; i++) {
                try {
                    NewMessage message = StoreFixture.message("s" + i + " all");
                    fixture.store.append(List.of(message)).join();
                    answered.add("s" + i + " all");
                    fixture.store.tick();
                } catch (RuntimeException e) {
                    crashed = true;
                }
            }
            for (Loss loss : Loss.values()) {
                StoreFixture after = new StoreFixture(fixture.disk.afterCrash(loss, step), fixture.clock);
                after.derived = fixture.derived;
                after.open();
                StoreFixture running = fixture;
                fixture = after;
                assertThat(found("all")).as("step " + step + ", loss " + loss).containsAll(answered);
                assertThat(found("all")).as("step " + step + ", loss " + loss).isEqualTo(after.visible());
                fixture = running;
            }
        }
    }
}
