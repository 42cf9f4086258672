package dev.tally.broker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.tally.broker.env.ManualClock;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.retention.RetentionConfig;
import dev.tally.broker.store.Appended;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOutcome;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.UndecidedHalf;
import dev.tally.testkit.scenario.Scenario;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Crashes while segments are removed: at random steps of random runs in which a consumer follows, half messages stay
 * undecided for long, and retention passes come all the time. Repeat a run with the seed that its failure names:
 * {@code -Dtally.simulation.seed=N -Dtally.simulation.runs=20}.
 */
class RetentionCrashTest {

    private static final int RUNS = Math.max(1, Integer.getInteger("tally.simulation.runs", 10_000) / 20);
    private static final long FIRST_SEED = Long.getLong("tally.simulation.seed", 1L);
    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.tally.broker");

    @BeforeAll
    static void silence() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void speakAgain() {
        LOG.setLevel(null);
    }

    private static final class Run {

        private final StoreFixture fixture;
        private final Random random;
        private final Map<String, CompletableFuture<List<Appended>>> appends = new LinkedHashMap<>();
        private final Map<String, Long> undecided = new LinkedHashMap<>();
        private final Map<String, Long> committed = new LinkedHashMap<>();
        private final Set<String> open = new HashSet<>();
        private long consumed;
        private long maybeConsumed;
        private int number;

        Run(long seed, int crashAt) {
            random = new Random(seed);
            fixture = fixtureOn(new SimulatedDisk(seed).crashAtStep(crashAt), new ManualClock());
        }

        static StoreFixture fixtureOn(SimulatedDisk disk, ManualClock clock) {
            StoreFixture fixture = new StoreFixture(disk, clock);
            fixture.config = fixture.config
                    .withSegmentBytes(2048, 4096)
                    .withRetention(RetentionConfig.defaults().withMaxBytes(12 * 1024));
            return fixture;
        }

        void run() {
            try {
                fixture.open();
            } catch (UncheckedIOException e) {
                assertThat(fixture.disk.crashed()).isTrue();
                return;
            }
            for (int round = 0; round < 120 && !fixture.disk.crashed(); round++) {
                switch (random.nextInt(8)) {
                    case 0 -> prepare();
                    case 1 -> decide();
                    case 2 -> consume();
                    case 3 -> fixture.store.retain();
                    default -> append();
                }
            }
        }

        private String body() {
            return "m" + number++ + "-" + "x".repeat(random.nextInt(300));
        }

        private void append() {
            String body = body();
            appends.put(body, fixture.store.append(List.of(StoreFixture.message(body))));
        }

        private void prepare() {
            String body = body();
            CompletableFuture<Appended> prepared = fixture.store.prepare(StoreFixture.half(body));
            if (!prepared.isCompletedExceptionally()) {
                undecided.put(body, prepared.join().position());
            }
        }

        private void decide() {
            if (undecided.isEmpty()) {
                return;
            }
            List<String> bodies = new ArrayList<>(undecided.keySet());
            String body = bodies.get(random.nextInt(bodies.size()));
            long position = undecided.remove(body);
            Decision decision = random.nextInt(3) == 0 ? Decision.ROLLBACK : Decision.COMMIT;
            CompletableFuture<DecisionOutcome> answer = fixture.store.decide(StoreFixture.request(position, decision));
            if (answer.isCompletedExceptionally()) {
                open.add(body);
            } else if (decision == Decision.COMMIT) {
                DecisionOutcome.Decided decided = (DecisionOutcome.Decided) answer.join();
                assertThat(decided.first()).isTrue();
                committed.put(body, decided.queueOffset());
            }
        }

        private void consume() {
            long max = fixture.store.maxOffset(StoreFixture.TOPIC, 0);
            long to = max - random.nextInt(4);
            if (to > maybeConsumed) {
                maybeConsumed = to;
                if (!fixture.store
                        .commitOffset("readers", StoreFixture.TOPIC, 0, to)
                        .isCompletedExceptionally()) {
                    consumed = to;
                }
            }
        }

        void check(StoreFixture after) {
            assertThat(after.store.minOffset(StoreFixture.TOPIC, 0))
                    .as("nothing that is not consumed is removed")
                    .isLessThanOrEqualTo(maybeConsumed);
            assertThat(after.store
                            .committedOffset("readers", StoreFixture.TOPIC, 0)
                            .orElse(0))
                    .isBetween(consumed, maybeConsumed);
            appends.forEach((body, answer) -> {
                if (!answer.isCompletedExceptionally()) {
                    requireReadable(after, body, answer.join().get(0).queueOffset());
                }
            });
            committed.forEach((body, offset) -> requireReadable(after, body, offset));
            Map<Long, UndecidedHalf> found = new LinkedHashMap<>();
            after.store
                    .undecided(HalfState.PREPARED, Integer.MAX_VALUE)
                    .forEach(half -> found.put(half.position(), half));
            undecided.forEach((body, position) -> {
                assertThat(found).as("undecided: %s", body).containsKey(position);
                DecisionOutcome.Decided decided = (DecisionOutcome.Decided) after.commit(position);
                assertThat(decided.first()).isTrue();
                requireReadable(after, body, decided.queueOffset());
            });
            int known = undecided.size();
            assertThat(found.size()).isBetween(known, known + open.size() + 1);
            after.append("the store goes on");
        }

        private void requireReadable(StoreFixture after, String body, long offset) {
            if (offset < maybeConsumed && offset < after.store.minOffset(StoreFixture.TOPIC, 0)) {
                return;
            }
            assertThat(after.store
                            .read(StoreFixture.TOPIC, 0, offset, 1, 1, tag -> true)
                            .messages())
                    .as("offset %s", offset)
                    .singleElement()
                    .satisfies(message -> assertThat(StoreFixture.body(message)).isEqualTo(body));
        }
    }

    private static String digest(StoreFixture fixture) {
        return fixture.store.minOffset(StoreFixture.TOPIC, 0)
                + " to " + fixture.store.maxOffset(StoreFixture.TOPIC, 0)
                + fixture
                        .store
                        .read(
                                StoreFixture.TOPIC,
                                0,
                                fixture.store.minOffset(StoreFixture.TOPIC, 0),
                                Integer.MAX_VALUE,
                                Integer.MAX_VALUE,
                                tag -> true)
                        .messages()
                        .stream()
                        .map(message -> StoreFixture.body(message).replaceAll("x+", "x"))
                        .toList()
                + "\n" + fixture.store.undecided(HalfState.PREPARED, Integer.MAX_VALUE)
                + "\n" + fixture.store.committedOffsets("readers")
                + "\n" + fixture.store.stats().messages() + " "
                + fixture.store.stats().halves();
    }

    private static void explore(long seed) {
        try {
            Run run = new Run(seed, 1 + new Random(seed).nextInt(500));
            run.run();
            Random random = new Random(seed + 1);
            StoreFixture after = Run.fixtureOn(
                    run.fixture.disk.afterCrash(Loss.values()[random.nextInt(3)], seed), run.fixture.clock);
            after.open();
            String first = digest(after);
            after.crash(Loss.EVERYTHING);
            after.loseDerived();
            after.open();
            assertThat(digest(after)).as("the log alone tells the same").isEqualTo(first);
            run.check(after);
            after.crashAndReopen();
            assertThat(after.visible()).isNotNull();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed=" + seed, e);
        }
    }

    @Scenario("broker-39")
    @Test
    void losesNothingThatIsNeededWhereverItCrashes() {
        for (int run = 0; run < RUNS; run++) {
            explore(FIRST_SEED + run);
        }
    }
}
