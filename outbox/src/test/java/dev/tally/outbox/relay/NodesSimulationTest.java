package dev.tally.outbox.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Message;
import dev.tally.outbox.OutboxNotJoinedException;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.OutboxStoreException;
import dev.tally.outbox.PoisonPolicy;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.SendOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Several nodes on one table, from a seed: transactions that lock keys, insert, and commit at any time and in any order;
 * nodes that join, leave, are killed, or are paused at any statement and at any send, their clocks going on; a broker and
 * a database that fail. Whatever happened: what committed is delivered, what did not is not, and each key's first
 * deliveries are in the order in which its transactions took effect. In some runs messages are refused for ever until a
 * person has resumed or discarded them, under the poison policy BLOCK: no later message of their keys is ever delivered
 * before them; and some are scheduled.
 *
 * <p>{@code -Dtally.outbox.simulation.seeds=10000} runs more seeds, {@code -Dtally.seed=7} a single one.
 */
class NodesSimulationTest {

    static LongStream seeds() {
        Long one = Long.getLong("tally.seed");
        return one != null
                ? LongStream.of(one)
                : LongStream.range(0, Long.getLong("tally.outbox.simulation.seeds", 300));
    }

    @Scenario("messaging-6")
    @Scenario("messaging-7")
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void keepsTheOrderOfEffectWhateverHappensToTheNodes(long seed) {
        new Run(seed).run();
    }

    private static final class Run {

        private static final int MOST_NODES = 4;

        private final long seed;
        private final Random random;
        private final RelayWorld world;
        private final List<Node> nodes = new ArrayList<>();
        private final Map<String, List<String>> effects = new LinkedHashMap<>();
        private final Set<String> committed = new HashSet<>();
        private final Set<String> locked = new HashSet<>();
        private final boolean calm;
        private final boolean poisonous;
        private final Set<String> poison = new HashSet<>();
        private final Set<String> discarded = new HashSet<>();
        private final Map<String, Instant> scheduled = new HashMap<>();
        private int transactions;
        private int places;
        private int nested;
        private boolean brokerDown;
        private boolean ending;

        Run(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            this.world = new RelayWorld(seed);
            this.calm = random.nextInt(4) == 0;
            this.poisonous = seed % 2 == 1;
        }

        private final class Node {

            final String place;
            final RelayWorld.Process process;
            final List<Work> open = new ArrayList<>();
            boolean closed;

            Node(String place) {
                this.place = place;
                this.process = world.new Process(settings(place));
            }

            private OutboxSettings settings(String place) {
                return RelayWorld.settings()
                        .instance(place.hashCode() % 2 == 0 ? place : null)
                        .memoryEntries(4 + random.nextInt(40))
                        .readBatch(1 + random.nextInt(10))
                        .sendBatch(1 + random.nextInt(8))
                        .strangerLimit(Duration.ofMinutes(1))
                        .maxAttempts(1_000_000)
                        .drainRate(seed % 3 == 0 ? 300 : Double.POSITIVE_INFINITY)
                        .poisonPolicy(poisonous ? PoisonPolicy.BLOCK : PoisonPolicy.CONTINUE)
                        .build();
            }
        }

        /** A business transaction: locks its keys, publishes, commits or not, and is told the outcome. */
        private final class Work {

            final Node node;
            final String name = "t" + transactions++;
            final TreeSet<String> keys = new TreeSet<>();
            final List<Message> messages = new ArrayList<>();
            RelayWorld.Transaction transaction;
            boolean ended;

            Work(Node node) {
                this.node = node;
                node.open.add(this);
                int count = 1 + random.nextInt(3);
                for (int i = 0; i < count; i++) {
                    int number = random.nextInt(8);
                    String key = number == 0 ? null : "k" + number;
                    if (key == null || keys.contains(key) || locked.add(key)) {
                        if (key != null) {
                            keys.add(key);
                        }
                        messages.add(message(key, name + "." + i));
                    }
                }
                world.table.open(name);
                later(60, this::publish);
            }

            private Message message(String key, String id) {
                if (poisonous && random.nextInt(40) == 0) {
                    poison.add(id);
                }
                if (poisonous && random.nextInt(30) == 0) {
                    Duration delay = Duration.ofMillis(1 + random.nextInt(5000));
                    scheduled.put(id, world.time.instant().plus(delay));
                    return RelayWorld.delayed(key, id, delay, world.time.instant());
                }
                return RelayWorld.message(key, id);
            }

            private void trace(String what) {
                if (Boolean.getBoolean("tally.trace")) {
                    System.out.println(world.time.instant() + " " + what + " " + name + " " + node.place + " "
                            + (transaction == null ? "" : transaction.ids())
                            + messages.stream().map(Message::key).toList());
                }
            }

            private void later(int millis, Runnable next) {
                int wait = random.nextInt(20) == 0 ? 4000 : millis;
                world.time.after(Duration.ofMillis(random.nextInt(wait)), () -> node.process.threads.run(next));
            }

            void publish() {
                if (ended || messages.isEmpty() || node.closed) {
                    rollBack();
                    return;
                }
                try {
                    transaction = node.process.prepare(messages);
                } catch (OutboxStoreException | OutboxNotJoinedException e) {
                    rollBack();
                    return;
                }
                trace("inserted");
                if (ended) {
                    // Killed meanwhile: the connection is gone, and the rows with it.
                    transaction.rollBack();
                    return;
                }
                later(20, random.nextInt(6) == 0 ? this::rollBackAndTell : this::commitAndTell);
            }

            private void commitAndTell() {
                if (!ended) {
                    commit();
                    tell(random.nextInt(10) == 0, true);
                }
            }

            private void rollBackAndTell() {
                if (!ended) {
                    rollBack();
                    tell(random.nextInt(10) == 0, false);
                }
            }

            private void tell(boolean unknown, boolean yes) {
                later(random.nextInt(4) == 0 ? 500 : 3, () -> {
                    if (unknown) {
                        transaction.settlement().unknown();
                    } else if (yes) {
                        transaction.settlement().committed();
                    } else {
                        transaction.settlement().rolledBack();
                    }
                });
            }

            void commit() {
                if (ended) {
                    return;
                }
                transaction.commit();
                trace("committed");
                for (Message message : messages) {
                    committed.add(message.id().value());
                    if (message.key() != null
                            && !scheduled.containsKey(message.id().value())) {
                        effects.computeIfAbsent(message.key(), ignored -> new ArrayList<>())
                                .add(message.id().value());
                    }
                }
                end();
            }

            void rollBack() {
                if (!ended) {
                    if (transaction != null) {
                        transaction.rollBack();
                    }
                    end();
                }
            }

            private void end() {
                ended = true;
                locked.removeAll(keys);
                world.table.ended(name);
                node.open.remove(this);
            }

            /** What the database does when the process is gone: what was being committed may be, later. */
            void orphaned() {
                boolean commits = transaction != null && random.nextInt(3) == 0;
                world.time.after(
                        Duration.ofMillis(random.nextInt(commits ? 9000 : 2000)),
                        commits ? this::commit : this::rollBack);
            }
        }

        void run() {
            world.table.tellsOpenTransactions = random.nextInt(4) > 0;
            world.latency = message -> Duration.ofMillis(random.nextInt(30));
            world.broker = this::answer;
            join();
            world.time.advance(Duration.ofMillis(random.nextInt(2000)));
            world.table.meanwhile = this::meanwhile;
            for (int step = 0; step < 500; step++) {
                step();
            }
            finish();
            check();
        }

        private void finish() {
            ending = true;
            world.table.down = false;
            brokerDown = false;
            poison.clear();
            world.broker = message -> new SendOutcome.Sent("ok");
            world.time.advance(Duration.ofSeconds(20));
            List.copyOf(world.table.parked.keySet()).forEach(world.table::resume);
            nodes.forEach(node -> node.process.threads.wake());
            if (nodes.isEmpty()) {
                join();
            }
            world.time.advance(Duration.ofMinutes(5));
            List.copyOf(world.table.parked.keySet()).forEach(world.table::resume);
            world.time.advance(Duration.ofMinutes(5));
        }

        /** Decides about a message that was given up. */
        private void person() {
            if (!world.table.parked.isEmpty()) {
                List<Long> ids = List.copyOf(world.table.parked.keySet());
                long id = ids.get(random.nextInt(ids.size()));
                String message = world.table.parked.get(id).message().id().value();
                if (random.nextInt(3) == 0) {
                    discarded.add(message);
                    world.table.discard(id);
                } else {
                    if (random.nextInt(3) > 0) {
                        poison.remove(message);
                    }
                    world.table.resume(id);
                }
            }
        }

        private SendOutcome answer(Message message) {
            if (poison.contains(message.id().value())) {
                return new SendOutcome.Failed(false, "poison", null);
            }
            if (brokerDown || random.nextInt(15) == 0) {
                if (random.nextInt(4) == 0) {
                    // Arrived, but the confirmation was lost.
                    world.delivered.add(message);
                }
                return new SendOutcome.Failed(true, "simulated", null);
            }
            return new SendOutcome.Sent("ok");
        }

        /** On the way to the database or the broker: others go on, and at times this process is stopped for long. */
        private void meanwhile() {
            if (ending || nested > 2) {
                return;
            }
            int dice = random.nextInt(calm ? 20_000 : 2000);
            VirtualTime.Process running = world.time.running();
            nested++;
            if (dice < 3 && running != null && !running.isPaused()) {
                running.pause();
                world.time.advance(Duration.ofMillis(3000 + random.nextInt(9000)));
                running.wake();
            } else if (dice < 200) {
                if (random.nextBoolean()) {
                    begin();
                }
                world.time.advance(Duration.ofMillis(random.nextInt(20)));
            }
            nested--;
        }

        private void join() {
            nodes.add(new Node("place" + places++));
        }

        private void begin() {
            List<Node> able = nodes.stream().filter(node -> !node.closed).toList();
            if (!able.isEmpty()) {
                Node node = able.get(random.nextInt(able.size()));
                node.process.threads.run(() -> new Work(node));
            }
        }

        private void step() {
            int dice = random.nextInt(1000);
            if (dice < 650) {
                begin();
            } else if (dice < 950) {
                world.time.advance(Duration.ofMillis(random.nextInt(80)));
            } else if (dice < 953) {
                person();
            } else if (dice < 960) {
                brokerDown = !calm && !brokerDown;
            } else if (dice < 966) {
                world.table.down = !calm && !world.table.down;
            } else if (dice < 976 && nodes.size() < MOST_NODES) {
                join();
            } else if (dice < 982 && !nodes.isEmpty()) {
                kill(nodes.remove(random.nextInt(nodes.size())));
            } else if (dice < 986 && !nodes.isEmpty()) {
                leave(nodes.remove(random.nextInt(nodes.size())));
            } else if (dice < 992 && !nodes.isEmpty()) {
                pause(nodes.get(random.nextInt(nodes.size())));
            } else {
                world.time.advance(Duration.ofSeconds(random.nextInt(calm ? 20 : 8)));
            }
        }

        private void kill(Node node) {
            node.process.threads.kill();
            List.copyOf(node.open).forEach(Work::orphaned);
            if (random.nextBoolean()) {
                nodes.add(new Node(node.place));
            }
        }

        private void leave(Node node) {
            // Its open transactions end as they like; the process lives on until then.
            node.closed = true;
            node.process.relay.close();
        }

        private void pause(Node node) {
            VirtualTime.Process threads = node.process.threads;
            if (threads.isPaused()) {
                return;
            }
            threads.pause();
            world.time.after(Duration.ofMillis(random.nextInt(12_000)), threads::wake);
        }

        private void check() {
            Set<String> lost = new TreeSet<>(committed);
            world.ids().forEach(lost::remove);
            lost.removeAll(discarded);
            Set<String> phantoms = new TreeSet<>(world.ids());
            phantoms.removeAll(committed);
            List<String> left = world.table.rows.values().stream()
                    .map(row -> row.id() + " " + row.owner() + " kept by " + world.table.keeperOf(row.owner()))
                    .toList();
            assertThat(lost)
                    .as("lost, seed %s, rows left %s, nodes %s", seed, left, nodes.size())
                    .isEmpty();
            assertThat(phantoms).as("never committed, seed %s", seed).isEmpty();
            assertThat(world.table.blocked).as("keys blocked, seed %s", seed).isEmpty();
            scheduled.forEach((id, at) -> assertThat(world.sentAt.getOrDefault(id, Instant.MAX))
                    .as("scheduled message %s, seed %s", id, seed)
                    .isAfterOrEqualTo(at));
            assertThat(world.table.rows).as("rows left, seed %s", seed).isEmpty();
            effects.forEach((key, ids) -> assertThat(withoutExceptions(world.firstDeliveries(key)))
                    .as("order of key %s, seed %s", key, seed)
                    .isEqualTo(withoutExceptions(ids)));
        }

        private List<String> withoutExceptions(List<String> ids) {
            return ids.stream()
                    .filter(id -> !discarded.contains(id) && !scheduled.containsKey(id))
                    .toList();
        }
    }
}
