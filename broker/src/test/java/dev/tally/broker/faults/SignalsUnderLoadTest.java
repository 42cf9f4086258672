package dev.tally.broker.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.faults.HistoryChecker.Anomaly;
import dev.tally.broker.faults.HistoryChecker.Entry;
import dev.tally.broker.faults.HistoryChecker.Verdict;
import dev.tally.testkit.scenario.Scenario;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker process that is told to stop, or held and let go, under the load of official clients. */
class SignalsUnderLoadTest {

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    /** Longer than the clients' timeouts, their heartbeats and the time after which half messages are asked about. */
    private static final long PAUSE_SECONDS = Long.getLong("tally.pause.seconds", 8);

    private final long seed = Long.getLong("tally.soak.seed", System.nanoTime());
    private final History history = new History();

    @TempDir
    private Path directory;

    private interface Disturbance {
        void of(RestartableBroker broker) throws Exception;
    }

    private void underLoad(String name, Disturbance disturbance) throws Exception {
        System.out.println("tally.soak.seed=" + seed);
        try (RestartableBroker broker = new RestartableBroker(directory, new Random(seed))) {
            broker.start();
            try (Load load = new Load(broker.address(), history, seed);
                    WholeLog log = new WholeLog(broker.address())) {
                load.start();
                for (int round = 0; round < 2; round++) {
                    awaitProgress();
                    disturbance.of(broker);
                }
                awaitProgress();
                load.stopSending();
                await().atMost(PATIENCE).until(() -> broker.counter("undecided") == 0);
                List<Entry> entries = log.read(Load.PLAIN, Load.ORDERED, Load.DEALS);
                await().atMost(PATIENCE).until(() -> HistoryChecker.check(history, entries)
                        .of(Anomaly.UNDELIVERED)
                        .isEmpty());
                Verdict verdict = HistoryChecker.check(history, entries);
                System.out.println(name + ": seed=" + seed + " acknowledged=" + history.acknowledgedCount() + " "
                        + verdict.counts());
                assertThat(verdict.findings()).as("seed %s", seed).isEmpty();
                assertThat(load.mostQuestions())
                        .as("questions about one half message")
                        .isLessThanOrEqualTo(2);
            }
        }
    }

    private void awaitProgress() {
        int before = history.acknowledgedCount();
        int deliveries = history.deliveries().size();
        await().atMost(PATIENCE)
                .until(() -> history.acknowledgedCount() > before + 300
                        && history.deliveries().size() > deliveries + 300);
    }

    @Scenario("broker-47")
    @Test
    void stopsInOrderWhenTerminatedAndKeepsWhatItAcknowledged() throws Exception {
        underLoad("SIGTERM under load", broker -> {
            broker.process().terminate();
            broker.process().awaitExit();
            assertThat(Files.readString(broker.errors()))
                    .contains("Broker stopped")
                    .doesNotContain(" ERROR ");
            broker.start();
        });
    }

    @Test
    void goesOnAfterAPauseWithoutLossOrStormOfQuestions() throws Exception {
        underLoad("SIGSTOP under load", broker -> {
            String pid = String.valueOf(broker.process().pid());
            Shell.succeed("kill", "-STOP", pid);
            assertThat(broker.process().exits(PAUSE_SECONDS * 1_000)).isFalse();
            Shell.succeed("kill", "-CONT", pid);
        });
    }
}
