package dev.tally.outbox.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.outbox.OutboxRetryRules;
import dev.tally.outbox.OutboxRetryRules.Verdict;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.PoisonPolicy;
import dev.tally.outbox.WaitingRows;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.SendOutcome;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What happens when messages cannot be sent, or not yet. Time is virtual. */
class OutboxFailureTest {

    private static final SendOutcome RETRYABLE = new SendOutcome.Failed(true, "not now", null);
    private static final SendOutcome FINAL = new SendOutcome.Failed(false, "too large", null);
    private static final SendOutcome SENT = new SendOutcome.Sent("ok");

    private final RelayWorld world = new RelayWorld(1);
    private final Set<String> poison = new HashSet<>();

    private RelayWorld.Process process(OutboxSettings.Builder settings) {
        return world.new Process(settings.build());
    }

    private SendOutcome unlessPoison(Message message) {
        return poison.contains(message.id().value()) ? FINAL : SENT;
    }

    private void advance(long millis) {
        world.time.advance(Duration.ofMillis(millis));
    }

    /** An outage, and 2,000 messages of it, most of them in the table only. */
    private RelayWorld.Process outage(OutboxSettings.Builder settings) {
        RelayWorld.Process process = process(settings.memoryEntries(400));
        world.broker = message -> RETRYABLE;
        for (int i = 0; i < 2000; i++) {
            process.publish(i % 2 == 0 ? "old" + i % 50 : null, "m" + i);
        }
        world.time.advance(Duration.ofHours(1));
        return process;
    }

    private long sentBetween(Instant from, Instant to) {
        return world.sentAt.values().stream()
                .filter(at -> !at.isBefore(from) && at.isBefore(to))
                .count();
    }

    @Test
    @Scenario("messaging-4")
    void theBacklogOfAnOutageDrainsAtItsRateOldestFirstWhileFreshMessagesKeepTheirLatency() {
        RelayWorld.Process process = outage(RelayWorld.settings().drainRate(100));
        assertThat(process.relay.stats().pendingInMemory()).isLessThanOrEqualTo(400);
        world.broker = message -> SENT;
        int most = 0;
        advance(3000);
        Instant from = world.time.instant();
        int drainedBefore = world.delivered.size();
        for (int i = 0; i < 100; i++) {
            Instant published = world.time.instant();
            process.publish(null, "unkeyed" + i);
            process.publish("new" + i, "keyed" + i);
            advance(50);
            most = Math.max(most, process.relay.stats().pendingInMemory());
            assertThat(Duration.between(published, world.sentAt.getOrDefault("unkeyed" + i, Instant.MAX)))
                    .as("latency of fresh message %s without a key", i)
                    .isLessThan(Duration.ofMillis(20));
            assertThat(Duration.between(published, world.sentAt.getOrDefault("keyed" + i, Instant.MAX)))
                    .as("latency of fresh message %s of a key without a backlog", i)
                    .isLessThan(Duration.ofMillis(20));
        }
        assertThat(most).as("entries in memory").isLessThanOrEqualTo(400);
        assertThat(world.delivered.size() - drainedBefore - 200)
                .as("of the backlog in 5 s at 100/s")
                .isBetween(450, 520);
        process.publish("old4", "behind");
        advance(1000);
        assertThat(world.sentAt).as("a fresh message waits behind its key").doesNotContainKey("behind");
        world.time.advance(Duration.ofSeconds(30));
        assertThat(world.ids()).hasSize(2000 + 200 + 1).doesNotHaveDuplicates();
        assertThat(world.table.rows).isEmpty();
        for (int kind = 0; kind < 2; kind++) {
            int rest = kind;
            List<Integer> order = numbersOfBacklog().stream()
                    .filter(number -> number % 2 == rest)
                    .toList();
            for (int i = 0; i < order.size(); i++) {
                assertThat(Math.abs(order.get(i) / 2 - i))
                        .as("the oldest go first, but for what is in memory at one time: place %s", i)
                        .isLessThan(400);
            }
        }
        for (int key = 0; key < 50; key += 2) {
            assertThat(world.firstDeliveries("old" + key).stream()
                            .filter(id -> id.startsWith("m"))
                            .map(id -> Integer.valueOf(id.substring(1))))
                    .isSorted();
        }
        assertThat(world.firstDeliveries("old4")).endsWith("behind");
        assertThat(sentBetween(from, world.time.instant())).isPositive();
    }

    /** The node asks the database where the backlog of its lanes ends; what is published meanwhile is behind that end. */
    @Test
    void whatIsPublishedWhileTheEndOfTheBacklogIsLookedUpIsFresh() {
        RelayWorld.Process process = outage(RelayWorld.settings().drainRate(1));
        List<Instant> published = new ArrayList<>();
        world.table.beforeView = () -> {
            if (process.relay.stats().brokerReachable() && published.isEmpty()) {
                published.add(world.time.instant());
                process.publish(null, "unkeyed");
                process.publish("new", "keyed");
            }
        };
        world.broker = message -> SENT;
        advance(3000);
        for (String id : List.of("unkeyed", "keyed")) {
            assertThat(Duration.between(published.get(0), world.sentAt.getOrDefault(id, Instant.MAX)))
                    .as("latency of %s", id)
                    .isLessThan(Duration.ofMillis(50));
        }
    }

    @Test
    void aFreshMessageWithoutAKeyIsNotTakenForTheBacklogOfSharedLanes() {
        RelayWorld.Process process = outage(RelayWorld.settings().drainRate(1));
        process(RelayWorld.settings().drainRate(1).memoryEntries(400));
        world.time.advance(Duration.ofMinutes(1));
        List<Instant> published = new ArrayList<>();
        world.table.beforeView = () -> {
            if (process.relay.stats().brokerReachable() && published.isEmpty()) {
                published.add(world.time.instant());
                process.publish(null, "unkeyed");
                process.publish("new", "its id is higher, and in a lane");
            }
        };
        world.broker = message -> SENT;
        advance(5000);
        assertThat(Duration.between(published.get(0), world.sentAt.getOrDefault("unkeyed", Instant.MAX)))
                .isLessThan(Duration.ofMillis(50));
    }

    /** What another node has written into a node's lanes is backlog as well, though it has not seen it. */
    @Test
    void theBacklogOfSeveralNodesDrainsAtTheRateOfEach() {
        OutboxSettings.Builder settings = RelayWorld.settings().drainRate(50);
        List<RelayWorld.Process> nodes =
                List.of(process(settings.memoryEntries(100)), process(settings), process(settings));
        world.time.advance(Duration.ofMinutes(1));
        world.broker = message -> RETRYABLE;
        for (int i = 0; i < 3000; i++) {
            nodes.get(0).publish("old" + i % 50, "m" + i);
        }
        world.time.advance(Duration.ofHours(1));
        world.broker = message -> SENT;
        // Probes of the circuit come with pauses.
        advance(3000);
        int before = world.delivered.size();
        advance(10_000);
        assertThat(world.delivered.size() - before)
                .as("in 10 s, three nodes at 50/s")
                .isBetween(1200, 1560);
        world.time.advance(Duration.ofMinutes(1));
        assertThat(world.ids()).hasSize(3000).doesNotHaveDuplicates();
        for (int key = 0; key < 50; key++) {
            assertThat(world.firstDeliveries("old" + key).stream().map(id -> Integer.valueOf(id.substring(1))))
                    .isSorted();
        }
    }

    private List<Integer> numbersOfBacklog() {
        return world.ids().stream()
                .filter(id -> id.startsWith("m"))
                .map(id -> Integer.valueOf(id.substring(1)))
                .toList();
    }

    @Test
    void aBacklogWithoutARateDrainsAtOnce() {
        outage(RelayWorld.settings());
        world.broker = message -> SENT;
        advance(5000);
        assertThat(world.ids()).hasSize(2000).doesNotHaveDuplicates();
    }

    @Test
    void whatADeadNodeLeftDrainsAtTheRateToo() {
        RelayWorld.Process dead = outage(RelayWorld.settings());
        dead.threads.kill();
        world.broker = message -> SENT;
        process(RelayWorld.settings().drainRate(100).memoryEntries(400));
        // Until it has taken over.
        world.time.advance(Duration.ofSeconds(10));
        int before = world.delivered.size();
        world.time.advance(Duration.ofSeconds(5));
        assertThat(world.delivered.size() - before).isBetween(450, 520);
        world.time.advance(Duration.ofSeconds(30));
        assertThat(world.ids()).hasSize(2000);
    }

    @Test
    void theRateHoldsBackTheBacklogOfSeveralNodesAndNotWhatIsPublishedNow() {
        List<RelayWorld.Process> nodes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            nodes.add(process(RelayWorld.settings().drainRate(50).memoryEntries(4000)));
            world.time.advance(Duration.ofSeconds(20));
        }
        world.broker = message -> RETRYABLE;
        for (int i = 0; i < 1500; i++) {
            nodes.get(i % 3).publish("k" + i, "m" + i);
        }
        world.time.advance(Duration.ofMinutes(10));
        world.broker = message -> SENT;
        world.time.advance(Duration.ofSeconds(3));
        int before = world.delivered.size();
        for (int i = 0; i < 50; i++) {
            nodes.get(i % 3).publish("fresh" + i, "f" + i);
            advance(100);
        }
        assertThat(world.delivered.size() - before).isBetween(50 + 600, 50 + 800);
        assertThat(world.ids())
                .containsAll(IntStream.range(0, 49).mapToObj(i -> "f" + i).toList());
    }

    @Test
    void aProbeThatFailsLetsAnotherMessageProbe() {
        RelayWorld.Process process = process(RelayWorld.settings().circuitFailures(2));
        world.time.advance(Duration.ofSeconds(5));
        world.broker = message -> message.key() == null ? RETRYABLE : SENT;
        for (int i = 0; i < 20; i++) {
            process.publish(null, "never" + i);
        }
        world.time.advance(Duration.ofSeconds(1));
        process.publish("k", "fine");
        world.time.advance(Duration.ofMinutes(2));
        assertThat(world.ids()).containsExactly("fine");
        world.time.advance(Duration.ofMinutes(2));
        process.publish("k", "fine too");
        world.time.advance(Duration.ofSeconds(10));
        assertThat(world.ids()).as("with failing ones in the backlog").containsExactly("fine", "fine too");
    }

    @Test
    void oneDeadTransportDoesNotStopTheOthers() {
        RelayWorld other = new RelayWorld(2);
        RelayWorld.Process dead = process(RelayWorld.settings());
        RelayWorld.Process alive = other.new Process(RelayWorld.settings().build());
        world.broker = message -> RETRYABLE;
        for (int i = 0; i < 100; i++) {
            dead.publish("k" + i, "d" + i);
            alive.publish("k" + i, "a" + i);
        }
        world.time.advance(Duration.ofMinutes(1));
        other.time.advance(Duration.ofSeconds(1));
        assertThat(dead.relay.stats().brokerReachable()).isFalse();
        assertThat(alive.relay.stats().brokerReachable()).isTrue();
        assertThat(other.ids()).hasSize(100);
    }

    @Test
    void rulesDecideWhatIsRetriedAndWhatIsParkedAtOnce() {
        world.rules = OutboxRetryRules.builder()
                .when(IllegalStateException.class, Verdict.PARK)
                .when("java.io.IOException", Verdict.RETRY_UNCOUNTED)
                .when("reason:quota .* exceeded", Verdict.RETRY)
                .build();
        RelayWorld.Process process =
                process(RelayWorld.settings().maxAttempts(3).circuitFailures(1000));
        Map<String, SendOutcome.Failed> failures = Map.of(
                "parked", new SendOutcome.Failed(true, "x", new IOException2(new IllegalStateException("inside"))),
                "uncounted", new SendOutcome.Failed(true, "x", new ConnectException("a kind of IOException")),
                "quota", new SendOutcome.Failed(false, "the quota of topic t is exceeded", null),
                "retried", new SendOutcome.Failed(true, "something else", null),
                "refused", new SendOutcome.Failed(false, "something else", null));
        Set<String> mended = new HashSet<>();
        world.broker = message -> {
            String id = message.id().value();
            return mended.contains(id) ? SENT : failures.get(id);
        };
        failures.keySet().forEach(id -> process.publish(id, id));
        advance(20);
        assertThat(parkedIds()).containsExactlyInAnyOrder("parked", "refused");
        world.time.advance(Duration.ofHours(1));
        assertThat(parkedIds()).containsExactlyInAnyOrder("parked", "refused", "quota", "retried");
        assertThat(world.table.parked.values().stream()
                        .filter(parked -> parked.message().id().value().equals("quota"))
                        .findFirst()
                        .orElseThrow()
                        .attempts())
                .isEqualTo(3);
        mended.add("uncounted");
        world.time.advance(Duration.ofMinutes(1));
        assertThat(world.ids()).containsExactly("uncounted");
    }

    /** Only its cause is of a kind that has a rule. */
    private static final class IOException2 extends RuntimeException {
        IOException2(Throwable cause) {
            super(cause);
        }
    }

    @Test
    void rulesThatThrowAreTakenForTheDefaults() {
        world.rules = (message, failure) -> {
            throw new IllegalStateException("broken rule");
        };
        poison.add("a");
        world.broker = this::unlessPoison;
        RelayWorld.Process process = process(RelayWorld.settings());
        process.publish("k", "a", "b");
        advance(1000);
        assertThat(parkedIds()).containsExactly("a");
        assertThat(world.ids()).containsExactly("b");
    }

    private List<String> parkedIds() {
        return world.table.parked.values().stream()
                .map(parked -> parked.message().id().value())
                .toList();
    }

    private static OutboxSettings.Builder blocking() {
        return RelayWorld.settings().poisonPolicy(PoisonPolicy.BLOCK).memoryEntries(40);
    }

    @Test
    @Scenario("messaging-8")
    void behindAPoisonMessageItsKeyWaitsInTheTableUntilAPersonResumesIt() {
        poison.add("a1");
        world.broker = this::unlessPoison;
        RelayWorld.Process process = process(blocking());
        process.publish("a", "a0", "a1", "a2");
        for (int i = 3; i < 203; i++) {
            process.publish("a", "a" + i);
            process.publish("b" + i % 5, "b" + i);
            advance(10);
        }
        world.time.advance(Duration.ofSeconds(10));
        assertThat(world.firstDeliveries("a")).containsExactly("a0");
        assertThat(world.ids()).as("other keys").hasSize(1 + 200);
        assertThat(process.relay.stats().pendingInMemory()).isZero();
        assertThat(world.table.rows.values())
                .as("not in the lane, where others would be read past them")
                .allMatch(row -> row.owner().startsWith(WaitingRows.HELD_PREFIX));
        poison.clear();
        world.table.resume(world.table.parked.firstKey());
        process.publish("a", "a203");
        world.time.advance(Duration.ofSeconds(20));
        assertThat(world.firstDeliveries("a"))
                .containsExactlyElementsOf(
                        IntStream.range(0, 204).mapToObj(i -> "a" + i).toList());
        assertThat(world.table.rows).isEmpty();
        assertThat(world.table.blocked).isEmpty();
    }

    @Test
    void behindADiscardedMessageItsKeyGoesOnAndIsFastAgain() {
        poison.add("a1");
        world.broker = this::unlessPoison;
        RelayWorld.Process process = process(blocking());
        process.publish("a", "a1", "a2");
        world.time.advance(Duration.ofSeconds(5));
        world.table.discard(world.table.parked.firstKey());
        world.time.advance(Duration.ofSeconds(5));
        assertThat(world.ids()).containsExactly("a2");
        world.time.advance(Duration.ofSeconds(5));
        world.table.reads = 0;
        process.publish("a", "a3");
        advance(50);
        assertThat(world.ids()).containsExactly("a2", "a3");
        assertThat(world.table.reads).as("from memory again").isZero();
    }

    @Test
    void aKeyStaysBlockedAfterARestartAndForTheNextKeeper() {
        poison.add("a1");
        world.broker = this::unlessPoison;
        RelayWorld.Process first = process(blocking());
        first.publish("a", "a1", "a2");
        world.time.advance(Duration.ofSeconds(5));
        first.publish("a", "a3");
        first.threads.kill();
        RelayWorld.Process next = process(blocking());
        world.time.advance(Duration.ofSeconds(20));
        next.publish("a", "a4");
        next.publish("b", "b1");
        RelayWorld.Process another = process(blocking());
        world.time.advance(Duration.ofSeconds(20));
        another.publish("a", "a5");
        world.time.advance(Duration.ofSeconds(20));
        assertThat(world.ids()).containsExactly("b1");
        poison.clear();
        world.table.resume(world.table.parked.firstKey());
        world.time.advance(Duration.ofSeconds(20));
        assertThat(world.firstDeliveries("a")).containsExactly("a1", "a2", "a3", "a4", "a5");
    }

    @Test
    void thePolicyCanDifferByTopic() {
        poison.add("a1");
        world.broker = this::unlessPoison;
        RelayWorld.Process process = process(blocking().poisonPolicyByTopic(Map.of("t", PoisonPolicy.CONTINUE)));
        process.publish("a", "a1", "a2");
        world.time.advance(Duration.ofSeconds(5));
        assertThat(world.ids()).containsExactly("a2");
    }

    @Test
    void aMessageThatTheTransportCannotKeepBackWaitsInTheTableForItsTime() {
        RelayWorld.Process process = process(RelayWorld.settings());
        Duration delay = Duration.ofHours(2);
        Instant published = world.time.instant();
        RelayWorld.Transaction transaction = process.prepare(
                List.of(RelayWorld.delayed("k", "late", delay, published), RelayWorld.message("k", "now")));
        transaction.commit();
        transaction.settlement().committed();
        process.publish("k", "after");
        advance(100);
        assertThat(world.ids()).as("it is in nobody's way").containsExactly("now", "after");
        assertThat(process.relay.stats().pendingInMemory()).isZero();
        world.time.advance(delay.minusMillis(200));
        assertThat(world.ids()).doesNotContain("late");
        world.time.advance(Duration.ofSeconds(2));
        assertThat(Duration.between(published.plus(delay), world.sentAt.get("late")))
                .isBetween(Duration.ZERO, Duration.ofMillis(50));
        assertThat(world.table.rows).isEmpty();
    }

    @Test
    void aShortDelayNeedsNoHeartbeat() {
        RelayWorld.Process process = process(RelayWorld.settings());
        advance(10);
        Instant published = world.time.instant();
        RelayWorld.Transaction transaction =
                process.prepare(List.of(RelayWorld.delayed(null, "late", Duration.ofMillis(120), published)));
        transaction.commit();
        transaction.settlement().committed();
        advance(1000);
        assertThat(Duration.between(published, world.sentAt.get("late")))
                .isBetween(Duration.ofMillis(120), Duration.ofMillis(140));
    }

    @Test
    void theTransportKeepsBackWhatItCan() {
        world.maxDelay = Duration.ofHours(1);
        RelayWorld.Process process = process(RelayWorld.settings());
        RelayWorld.Transaction transaction = process.prepare(List.of(
                RelayWorld.delayed("k", "hour", Duration.ofHours(1), world.time.instant()),
                RelayWorld.delayed("k", "day", Duration.ofDays(1), world.time.instant())));
        transaction.commit();
        transaction.settlement().committed();
        advance(100);
        assertThat(world.ids()).containsExactly("hour");
        assertThat(world.delivered.get(0).headers().get(Headers.DELAY)).isEqualTo("3600000");
        world.time.advance(Duration.ofDays(1));
        assertThat(world.ids()).containsExactly("hour", "day");
    }

    @Test
    void scheduledMessagesOfADeadNodeAreSentOnceByTheOthers() {
        RelayWorld.Process dead = process(RelayWorld.settings());
        for (int i = 0; i < 50; i++) {
            RelayWorld.Transaction transaction = dead.prepare(List.of(RelayWorld.delayed(
                    i % 2 == 0 ? "k" : null, "m" + i, Duration.ofSeconds(30 + i % 3), world.time.instant())));
            transaction.commit();
            transaction.settlement().committed();
        }
        process(RelayWorld.settings());
        process(RelayWorld.settings().memoryEntries(10));
        world.time.advance(Duration.ofSeconds(10));
        dead.threads.kill();
        world.time.advance(Duration.ofMinutes(1));
        assertThat(world.ids()).hasSize(50).doesNotHaveDuplicates();
        assertThat(world.table.rows).isEmpty();
    }

    @Test
    void aNodeThatDiesAfterItHasLetScheduledMessagesGoLeavesThemToTheOthers() {
        world.broker = message -> RETRYABLE;
        RelayWorld.Process dead = process(RelayWorld.settings());
        RelayWorld.Transaction transaction =
                dead.prepare(List.of(RelayWorld.delayed("k", "late", Duration.ofSeconds(1), world.time.instant())));
        transaction.commit();
        transaction.settlement().committed();
        world.time.advance(Duration.ofSeconds(3));
        dead.threads.kill();
        world.broker = message -> SENT;
        process(RelayWorld.settings());
        world.time.advance(Duration.ofSeconds(30));
        assertThat(world.ids()).containsExactly("late");
        assertThat(world.table.rows).isEmpty();
    }

    @Test
    void aDueMessageThatFailsIsNotInTheWayOfItsKey() {
        world.broker = message -> message.id().value().equals("late") ? RETRYABLE : SENT;
        RelayWorld.Process process = process(RelayWorld.settings());
        RelayWorld.Transaction transaction =
                process.prepare(List.of(RelayWorld.delayed("k", "late", Duration.ofSeconds(1), world.time.instant())));
        transaction.commit();
        transaction.settlement().committed();
        advance(1100);
        assertThat(world.attempts).isPositive();
        process.publish("k", "next");
        advance(50);
        assertThat(world.ids()).containsExactly("next");
    }

    @Test
    void aFreshMessageFindsRoomWhenAnOutageHasFilledTheMemory() {
        RelayWorld.Process process = outage(RelayWorld.settings().drainRate(1));
        world.broker = message -> SENT;
        advance(3000);
        world.table.reads = 0;
        int before = process.relay.stats().pendingInMemory();
        assertThat(before).as("in memory").isGreaterThan(200);
        for (int i = 0; i < 50; i++) {
            process.publish(null, "fresh" + i);
        }
        advance(20);
        assertThat(world.ids()).contains("fresh0", "fresh49");
    }

    @Test
    void aScheduledMessageOfARolledBackTransactionIsNeverSent() {
        RelayWorld.Process process = process(RelayWorld.settings());
        RelayWorld.Transaction transaction =
                process.prepare(List.of(RelayWorld.delayed("k", "late", Duration.ofSeconds(1), world.time.instant())));
        transaction.rollBack();
        transaction.settlement().unknown();
        world.time.advance(Duration.ofSeconds(30));
        assertThat(world.ids()).isEmpty();
    }
}
