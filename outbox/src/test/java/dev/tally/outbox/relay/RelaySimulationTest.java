package dev.tally.outbox.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Message;
import dev.tally.outbox.OutboxNotJoinedException;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.OutboxStoreException;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.SendOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random transactions, failures, pauses and kills on one thread, from a seed. Whatever happened: what committed is
 * delivered, what did not is not, and each key's first deliveries are in the order of effect.
 */
class RelaySimulationTest {

    static LongStream seeds() {
        Long one = Long.getLong("tally.seed");
        return one != null ? LongStream.of(one) : LongStream.range(0, 150);
    }

    @Scenario("messaging-1")
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void keepsTheInvariantsWhateverHappens(long seed) {
        new Run(seed).run();
    }

    private static final class Run {

        private final long seed;
        private final Random random;
        private final RelayWorld world;
        private final OutboxSettings settings;
        private final Map<String, List<String>> effects = new LinkedHashMap<>();
        private final Set<String> committed = new HashSet<>();
        private final Set<String> lockedKeys = new HashSet<>();
        private final List<Runnable> callbacks = new ArrayList<>();
        private RelayWorld.Process process;
        private int messages;
        private boolean brokerDown;

        Run(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            this.world = new RelayWorld(seed);
            this.settings = RelayWorld.settings()
                    .instance(random.nextBoolean() ? "place" : null)
                    .memoryEntries(4 + random.nextInt(40))
                    .readBatch(1 + random.nextInt(10))
                    .sendBatch(1 + random.nextInt(8))
                    .maxAttempts(100_000)
                    .build();
        }

        void run() {
            world.latency = message -> Duration.ofMillis(random.nextInt(60));
            world.broker = this::answer;
            process = world.new Process(settings);
            for (int step = 0; step < 400; step++) {
                step();
            }
            world.table.down = false;
            brokerDown = false;
            world.broker = message -> new SendOutcome.Sent("ok");
            world.time.advance(Duration.ofMinutes(5));
            callbacks.forEach(Runnable::run);
            world.time.advance(Duration.ofMinutes(5));
            check();
        }

        private SendOutcome answer(Message message) {
            if (brokerDown || random.nextInt(10) == 0) {
                if (random.nextInt(4) == 0) {
                    // Arrived, but the confirmation was lost.
                    world.delivered.add(message);
                }
                return new SendOutcome.Failed(true, "simulated", null);
            }
            return new SendOutcome.Sent("ok");
        }

        private void step() {
            int dice = random.nextInt(100);
            if (dice < 60) {
                transaction();
            } else if (dice < 85) {
                world.time.advance(Duration.ofMillis(random.nextInt(100)));
            } else if (dice < 90 && !callbacks.isEmpty()) {
                callbacks.remove(0).run();
            } else if (dice < 92) {
                brokerDown = !brokerDown;
            } else if (dice < 94) {
                world.table.down = !world.table.down;
            } else if (dice < 96) {
                process.threads.kill();
                callbacks.clear();
                process = world.new Process(settings);
            } else if (dice < 97) {
                process.threads.pause();
                world.time.advance(Duration.ofSeconds(random.nextInt(10)));
                process.threads.wake();
            } else {
                world.time.advance(Duration.ofSeconds(random.nextInt(8)));
            }
        }

        private void transaction() {
            int number = random.nextInt(7);
            String key = number == 0 ? null : "k" + number;
            if (key != null && lockedKeys.contains(key)) {
                return;
            }
            String[] ids = new String[1 + random.nextInt(3)];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = "m" + messages++;
            }
            RelayWorld.Transaction transaction;
            try {
                transaction = process.begin(key, ids);
            } catch (OutboxStoreException | OutboxNotJoinedException e) {
                return;
            }
            RelayWorld.Process publisher = process;
            if (random.nextInt(3) > 0) {
                decide(publisher, transaction, key, ids);
                return;
            }
            if (key != null) {
                lockedKeys.add(key);
            }
            world.time.after(Duration.ofMillis(random.nextInt(3000)), () -> {
                lockedKeys.remove(key);
                decide(publisher, transaction, key, ids);
            });
        }

        private void decide(
                RelayWorld.Process publisher, RelayWorld.Transaction transaction, String key, String[] ids) {
            boolean commits = publisher == process && random.nextInt(4) > 0;
            if (commits) {
                transaction.commit();
                committed.addAll(List.of(ids));
                effects.computeIfAbsent(String.valueOf(key), ignored -> new ArrayList<>())
                        .addAll(List.of(ids));
            } else {
                transaction.rollBack();
            }
            if (publisher != process) {
                return;
            }
            Runnable callback = random.nextInt(8) == 0
                    ? transaction.settlement()::unknown
                    : commits ? transaction.settlement()::committed : transaction.settlement()::rolledBack;
            if (random.nextInt(4) == 0) {
                callbacks.add(callback);
            } else {
                callback.run();
            }
        }

        private void check() {
            assertThat(world.table.rows).as("rows left, seed %s", seed).isEmpty();
            assertThat(new HashSet<>(world.ids()))
                    .as("delivered, seed %s", seed)
                    .isEqualTo(committed);
            effects.forEach((key, ids) -> {
                if (!key.equals("null")) {
                    assertThat(world.firstDeliveries(key))
                            .as("order of key %s, seed %s", key, seed)
                            .isEqualTo(ids);
                }
            });
        }
    }
}
