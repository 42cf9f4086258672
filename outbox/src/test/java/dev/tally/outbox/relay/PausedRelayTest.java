package dev.tally.outbox.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.outbox.OutboxSettings;
import dev.tally.transport.SendOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The relay while people have paused the outbox. */
class PausedRelayTest {

    private final RelayWorld world = new RelayWorld(1);

    private RelayWorld.Process process() {
        return world.new Process(RelayWorld.settings().build());
    }

    private void advance(Duration duration) {
        world.time.advance(duration);
    }

    @Test
    void sendsNothingFromTheNextHeartbeatOnAndAllOfItAfterwards() {
        RelayWorld.Process process = process();
        process.publish("k", "a");
        advance(Duration.ofSeconds(2));
        assertThat(world.ids()).containsExactly("a");
        world.table.paused = true;
        advance(Duration.ofSeconds(2));
        process.publish("k", "b", "c");
        process.publish(null, "d");
        advance(Duration.ofMinutes(10));
        assertThat(world.attempts).isEqualTo(1);
        world.table.paused = false;
        advance(Duration.ofSeconds(2));
        assertThat(world.firstDeliveries("k")).containsExactly("a", "b", "c");
        assertThat(world.ids()).hasSize(4);
        assertThat(world.table.rows).isEmpty();
    }

    @Test
    void aNodeThatStartsDuringAPauseSendsNothing() {
        world.table.paused = true;
        RelayWorld.Process process = process();
        process.publish(null, "a");
        advance(Duration.ofSeconds(10));
        assertThat(world.attempts).isZero();
        world.table.paused = false;
        advance(Duration.ofSeconds(2));
        assertThat(world.ids()).containsExactly("a");
    }

    @Test
    void aNodeSendsNothingBeforeItCouldReadWhetherThereIsAPause() {
        world.table.paused = true;
        // It can register, and then read nothing.
        world.table.meanwhile = () -> world.table.down = world.table.keeperOf("node0") != null;
        RelayWorld.Process process = process();
        world.table.meanwhile = () -> {};
        world.table.down = false;
        process.publish(null, "a");
        advance(Duration.ofMillis(100));
        assertThat(world.attempts).as("not known yet").isZero();
        advance(Duration.ofSeconds(5));
        assertThat(world.attempts).as("known").isZero();
        world.table.paused = false;
        world.table.down = true;
        advance(Duration.ofSeconds(2));
        assertThat(world.attempts).as("what it said last holds").isZero();
        world.table.down = false;
        advance(Duration.ofSeconds(5));
        assertThat(world.ids()).containsExactly("a");
    }

    @Test
    void whatBacksOffOrProbesWaitsForTheEndOfThePauseAsWell() {
        RelayWorld.Process process = process();
        advance(Duration.ofSeconds(2));
        world.broker = message -> new SendOutcome.Failed(true, "down", null);
        for (int i = 0; i < 20; i++) {
            process.publish("k" + i, "m" + i);
        }
        advance(Duration.ofSeconds(5));
        assertThat(world.attempts).isPositive();
        world.table.paused = true;
        advance(Duration.ofSeconds(2));
        int before = world.attempts;
        advance(Duration.ofHours(1));
        assertThat(world.attempts).isEqualTo(before);
        world.broker = message -> new SendOutcome.Sent("ok");
        world.table.paused = false;
        advance(Duration.ofMinutes(1));
        assertThat(world.ids()).hasSize(20);
    }

    /** Nodes come and go, pauses begin and end, memory is small: nothing is lost, and each key keeps its order. */
    @Test
    void pausesLoseNothingAndKeepTheOrderOfKeys() {
        for (int seed = 0; seed < Integer.getInteger("tally.outbox.pause.seeds", 40); seed++) {
            runSeed(seed);
        }
    }

    private static void runSeed(int seed) {
        Random random = new Random(seed);
        RelayWorld world = new RelayWorld(seed);
        OutboxSettings settings = RelayWorld.settings()
                .memoryEntries(16)
                .readBatch(4)
                .maxInFlight(4)
                .build();
        List<RelayWorld.Process> processes = new ArrayList<>(List.of(world.new Process(settings)));
        world.time.advance(Duration.ofSeconds(3));
        Map<String, List<String>> published = new HashMap<>();
        for (int step = 0; step < 120; step++) {
            int what = random.nextInt(20);
            if (what == 0) {
                world.table.paused = !world.table.paused;
                // Every node has heard of it.
                world.time.advance(Duration.ofSeconds(3));
            } else if (what == 1 && processes.size() < 3) {
                processes.add(world.new Process(settings));
                world.time.advance(Duration.ofSeconds(3));
            } else {
                String key = "k" + random.nextInt(4);
                String id = "m" + step;
                int before = world.attempts;
                processes.get(random.nextInt(processes.size())).publish(key, id);
                published.computeIfAbsent(key, each -> new ArrayList<>()).add(id);
                world.time.advance(Duration.ofMillis(random.nextInt(50)));
                assertThat(!world.table.paused || world.attempts == before)
                        .as("sent while paused, seed %s step %s", seed, step)
                        .isTrue();
            }
        }
        world.table.paused = false;
        world.time.advance(Duration.ofMinutes(1));
        assertThat(world.table.rows).as("seed %s", seed).isEmpty();
        published.forEach((key, ids) -> assertThat(world.firstDeliveries(key))
                .as("seed %s key %s", seed, key)
                .isEqualTo(ids));
    }
}
