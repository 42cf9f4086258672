package dev.tally.broker.engine;

import static dev.tally.broker.engine.StoreFixture.TOPIC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.store.Appended;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOutcome;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.StoredMessage;
import dev.tally.broker.store.UndecidedHalf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Random operations on a store, and what must be true of the store whatever was lost: everything acknowledged is there,
 * nothing undecided or rolled back is visible, nothing is visible twice, order is kept.
 */
final class Workload {

    private static final int QUEUES = 2;
    private static final Duration DELAY = Duration.ofSeconds(5);

    private final StoreFixture fixture;
    private final Random random;
    private int number;

    /** Appends, each a group of messages, with their answers. */
    private final Map<List<NewMessage>, CompletableFuture<List<Appended>>> appends = new LinkedHashMap<>();

    private final List<HalfModel> halves = new ArrayList<>();
    private final List<Long> offsets = new ArrayList<>();
    private final List<CompletableFuture<Void>> offsetAnswers = new ArrayList<>();
    private final List<CompletableFuture<Void>> snapshots = new ArrayList<>();

    private static final class HalfModel {
        final NewMessage message;
        final CompletableFuture<Appended> prepared;
        final Map<CompletableFuture<DecisionOutcome>, Decision> decisions = new LinkedHashMap<>();

        HalfModel(NewMessage message, CompletableFuture<Appended> prepared) {
            this.message = message;
            this.prepared = prepared;
        }
    }

    Workload(StoreFixture fixture, long seed) {
        this.fixture = fixture;
        this.random = new Random(seed);
    }

    /** Runs rounds of a few operations that become one batch each, until the disk crashes. */
    void run(int rounds) {
        for (int round = 0; round < rounds && !fixture.disk.crashed(); round++) {
            fixture.workers.hold();
            int operations = 1 + random.nextInt(4);
            for (int i = 0; i < operations; i++) {
                operate();
            }
            fixture.workers.release();
            if (random.nextInt(3) == 0) {
                fixture.clock.advance(Duration.ofSeconds(random.nextInt(4)));
                fixture.store.tick();
            }
        }
    }

    private void operate() {
        switch (random.nextInt(13)) {
            case 0, 1, 2, 3 -> append();
            case 4, 5 -> prepare();
            case 6, 7, 8, 9 -> decide();
            // In the middle of a batch: what was submitted later must not be in it.
            case 10 -> snapshots.add(fixture.store.snapshot());
            default -> commitOffset();
        }
    }

    /** A consumer commits what it has read, and it has read what is visible. */
    private void commitOffset() {
        offsets.add(fixture.store.maxOffset(TOPIC, 0));
        offsetAnswers.add(fixture.store.commitOffset("readers", TOPIC, 0, offsets.get(offsets.size() - 1)));
    }

    private void append() {
        List<NewMessage> group = new ArrayList<>();
        int size = random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 1;
        for (int i = 0; i < size; i++) {
            group.add(newMessage());
        }
        appends.put(group, fixture.store.append(group));
    }

    private NewMessage newMessage() {
        String body = "m" + number++ + "-" + "x".repeat(random.nextInt(random.nextInt(5) == 0 ? 900 : 60));
        NewMessage message = StoreFixture.message(body, random.nextInt(5) == 0 ? DELAY : Duration.ZERO);
        return new NewMessage(TOPIC, random.nextInt(QUEUES), message.tagsHash(), message.payload(), message.delay());
    }

    private void prepare() {
        NewMessage message = newMessage();
        halves.add(new HalfModel(message, fixture.store.prepare(StoreFixture.half(message))));
    }

    private void decide() {
        List<HalfModel> known = halves.stream()
                .filter(h -> h.prepared.isDone() && acked(h.prepared))
                .toList();
        if (known.isEmpty()) {
            prepare();
            return;
        }
        HalfModel half = known.get(random.nextInt(known.size()));
        Decision decision = random.nextInt(3) == 0 ? Decision.ROLLBACK : Decision.COMMIT;
        half.decisions.put(
                fixture.store.decide(StoreFixture.request(half.prepared.join().position(), decision)), decision);
    }

    /** Everything that may ever become visible. */
    Set<String> attempted() {
        Set<String> bodies = new HashSet<>();
        appends.keySet().forEach(group -> group.forEach(message -> bodies.add(bodyOf(message))));
        halves.forEach(half -> bodies.add(bodyOf(half.message)));
        return bodies;
    }

    private static boolean acked(CompletableFuture<?> answer) {
        assertThat(answer).as("every answer is given, good or bad").isDone();
        return !answer.isCompletedExceptionally();
    }

    private static String bodyOf(NewMessage message) {
        return new String(message.payload().array(), StandardCharsets.UTF_8);
    }

    int snapshotsTaken() {
        return snapshots.size();
    }

    /** Checks the store of a process that started after the crash. */
    void check(StoreFixture after) {
        List<String> visible = visible(after);
        after.clock.advance(DELAY.multipliedBy(2));
        after.store.tick();
        List<String> shown = visible(after);
        assertThat(shown).as("what was visible stays").containsAll(visible);
        assertThat(shown).as("exactly one visible entry each").doesNotHaveDuplicates();
        Set<String> allowed = new HashSet<>();
        checkAppends(after, new HashSet<>(shown), allowed);
        checkHalves(after, new HashSet<>(shown), allowed);
        assertThat(allowed).as("nothing else is visible").containsAll(shown);
        checkOffset(after);
        assertThat(after.store.stats().messages()).isEqualTo(shown.size());
    }

    static List<String> visible(StoreFixture store) {
        List<String> bodies = new ArrayList<>();
        for (int queue = 0; queue < QUEUES; queue++) {
            bodies.addAll(store.visible(queue));
        }
        return bodies;
    }

    private void checkAppends(StoreFixture after, Set<String> shown, Set<String> allowed) {
        Map<Integer, Long> lastOffset = new TreeMap<>();
        appends.forEach((group, answer) -> {
            List<String> bodies = group.stream().map(Workload::bodyOf).toList();
            allowed.addAll(bodies);
            long present = bodies.stream().filter(shown::contains).count();
            assertThat(present).as("all or none of %s", bodies).isIn(0L, (long) bodies.size());
            if (!acked(answer)) {
                return;
            }
            assertThat(shown).as("acknowledged").containsAll(bodies);
            for (int i = 0; i < bodies.size(); i++) {
                Appended appended = answer.join().get(i);
                StoredMessage stored = after.store.messageAt(appended.position());
                assertThat(stored).isNotNull();
                assertThat(StoreFixture.body(stored)).isEqualTo(bodies.get(i));
                if (appended.queueOffset() >= 0) {
                    assertThat(stored.queueOffset()).isEqualTo(appended.queueOffset());
                    Long before = lastOffset.put(stored.queueId(), stored.queueOffset());
                    assertThat(before == null || before < stored.queueOffset())
                            .as("order is kept")
                            .isTrue();
                }
            }
        });
    }

    private void checkHalves(StoreFixture after, Set<String> shown, Set<String> allowed) {
        Set<Long> undecided = new HashSet<>();
        for (UndecidedHalf half : after.store.undecided(HalfState.PREPARED, Integer.MAX_VALUE)) {
            undecided.add(half.position());
        }
        for (HalfModel half : halves) {
            String body = bodyOf(half.message);
            if (!acked(half.prepared)) {
                assertThat(half.decisions).isEmpty();
                continue;
            }
            long position = half.prepared.join().position();
            DecisionOutcome standing = null;
            Set<Decision> attempted = new HashSet<>();
            for (Map.Entry<CompletableFuture<DecisionOutcome>, Decision> entry : half.decisions.entrySet()) {
                attempted.add(entry.getValue());
                if (acked(entry.getKey()) && standing == null) {
                    standing = entry.getKey().join();
                }
            }
            if (attempted.contains(Decision.COMMIT)) {
                allowed.add(body);
            }
            if (standing != null) {
                assertThat(undecided).as("decided once").doesNotContain(position);
                boolean committed = ((DecisionOutcome.Decided) standing).decision() == Decision.COMMIT;
                assertThat(shown.contains(body)).as("decision stands: %s", body).isEqualTo(committed);
                assertThat(after.commit(position))
                        .isInstanceOf(committed ? DecisionOutcome.Decided.class : DecisionOutcome.Conflict.class);
            } else if (attempted.isEmpty()) {
                assertThat(undecided).as("still undecided: %s", body).contains(position);
                assertThat(shown).doesNotContain(body);
            } else {
                assertThat(undecided.contains(position) && shown.contains(body))
                        .as("never both undecided and visible")
                        .isFalse();
            }
        }
    }

    private void checkOffset(StoreFixture after) {
        long lastAcked = 0;
        for (int i = 0; i < offsetAnswers.size(); i++) {
            if (acked(offsetAnswers.get(i))) {
                lastAcked = offsets.get(i);
            }
        }
        long last = offsets.isEmpty() ? 0 : offsets.get(offsets.size() - 1);
        OptionalLong offset = after.store.committedOffset("readers", TOPIC, 0);
        assertThat(offset.orElse(0)).isBetween(lastAcked, last);
        assertThat(offset.orElse(0)).isLessThanOrEqualTo(after.store.maxOffset(TOPIC, 0));
    }

    /** Everything that a process can see, to be compared between two starts. */
    static String digest(StoreFixture fixture) {
        List<String> facts = new ArrayList<>();
        for (int queue = 0; queue < QUEUES; queue++) {
            facts.add(fixture.visible(queue).toString());
        }
        facts.add(fixture.store.undecided(HalfState.PREPARED, Integer.MAX_VALUE).toString());
        facts.add(fixture.store.undecided(HalfState.PARKED, Integer.MAX_VALUE).toString());
        facts.add(fixture.store.committedOffsets("readers").toString());
        facts.add(Long.toString(fixture.store.stats().scheduled()));
        facts.add(Long.toString(fixture.store.stats().messages()));
        facts.add(Long.toString(fixture.store.stats().halves()));
        return String.join("\n", facts);
    }
}
