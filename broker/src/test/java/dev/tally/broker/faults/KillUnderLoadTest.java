package dev.tally.broker.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.BrokerProcess;
import dev.tally.broker.faults.HistoryChecker.Entry;
import dev.tally.broker.faults.HistoryChecker.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker process that is killed with -9 again and again, also while it starts, under the load of official clients.
 * {@code -Dtally.soak.seconds} says how long (default 30), {@code -Dtally.soak.seed} repeats the moments of a run.
 */
class KillUnderLoadTest {

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int LIFE_MILLIS = 4_000;
    private static final int START_MILLIS = 1_200;

    private final long seed = Long.getLong("tally.soak.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final History history = new History();

    @TempDir
    private Path directory;

    private int kills;

    @Test
    void losesDoublesReordersAndInventsNothingWhereverItIsKilled() throws Exception {
        System.out.println("tally.soak.seed=" + seed);
        try (RestartableBroker broker = new RestartableBroker(directory, random)) {
            broker.start();
            try (Load load = new Load(broker.address(), history, seed);
                    WholeLog log = new WholeLog(broker.address())) {
                load.start();
                long end = System.nanoTime()
                        + Duration.ofSeconds(Long.getLong("tally.soak.seconds", 30))
                                .toNanos();
                while (System.nanoTime() < end) {
                    killOnceUnderLoad(broker);
                }
                load.stopSending();
                settle(broker, log);
                judge(broker, log);
            }
        }
    }

    private void killOnceUnderLoad(RestartableBroker broker) throws Exception {
        int before = history.acknowledgedCount();
        await().atMost(PATIENCE).until(() -> history.acknowledgedCount() > before + 100);
        assertThat(broker.process().exits(random.nextInt(LIFE_MILLIS)))
                .as("ended by itself")
                .isFalse();
        broker.kill();
        kills++;
        if (random.nextInt(3) == 0) {
            BrokerProcess starting = broker.launch();
            assertThat(starting.exits(random.nextInt(START_MILLIS)))
                    .as("ended by itself while starting")
                    .isFalse();
            starting.kill();
            kills++;
        }
        broker.start();
    }

    /** All transactions are decided, and everybody has got what is there. */
    private void settle(RestartableBroker broker, WholeLog log) throws Exception {
        await().atMost(PATIENCE).until(() -> broker.counter("undecided") == 0);
        assertThat(broker.counter("parked")).isZero();
        List<Entry> entries = log.read(Load.PLAIN, Load.ORDERED, Load.DEALS);
        awaitDeliveriesOf(entries);
    }

    /** As long as it takes while more and more is delivered: a machine may be slow. */
    private void awaitDeliveriesOf(List<Entry> entries) {
        List<String> missing = undelivered(entries);
        while (!missing.isEmpty()) {
            int before = missing.size();
            try {
                missing = await().atMost(PATIENCE)
                        .pollInterval(Duration.ofSeconds(1))
                        .until(() -> undelivered(entries), now -> now.size() < before);
            } catch (ConditionTimeoutException e) {
                throw new AssertionError(
                        "seed " + seed + ": for " + PATIENCE + " none of " + before
                                + " visible messages was delivered, such as "
                                + missing.subList(0, Math.min(5, before)),
                        e);
            }
        }
    }

    private List<String> undelivered(List<Entry> entries) {
        return HistoryChecker.undelivered(history, entries);
    }

    private void judge(RestartableBroker broker, WholeLog log) throws Exception {
        List<Entry> entries = log.read(Load.PLAIN, Load.ORDERED, Load.DEALS);
        broker.kill();
        broker.start();
        List<Entry> again = log.read(Load.PLAIN, Load.ORDERED, Load.DEALS);
        Verdict verdict = HistoryChecker.check(history, entries);
        System.out.println("kill -9 under load: seed=" + seed + " kills=" + kills + " attempted="
                + history.attempted().size() + " acknowledged=" + history.acknowledgedCount() + " transactions="
                + history.fates().size() + " visible=" + entries.size() + " deliveries="
                + history.deliveries().size() + " " + verdict.counts());
        assertThat(verdict.findings()).as("seed %s", seed).isEmpty();
        assertThat(again).as("the same after another restart").isEqualTo(entries);
        assertThat(kills).isPositive();
    }
}
