package dev.tally.broker.half;

import dev.tally.broker.collect.DueHeap;
import dev.tally.broker.collect.LongMap;
import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.queue.MessageRef;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOutcome;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.UndecidedHalf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * All undecided half messages by log position, when each is to be checked, and the outcome of those decided last.
 *
 * <p>The log's writer plans a move ({@link #plan}), writes its record, and makes the move when the record is durable
 * ({@link #decide}, {@link #park}); recovery makes the same moves from the records. Check-backs move nothing and write
 * nothing: how many were delivered is forgotten at a restart.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 *
 * @since 0.1
 */
public final class HalfTable {

    private final CheckPolicy policy;
    private final BrokerClock clock;
    private final RandomGenerator random;
    private final Decided decided;

    private final LongMap<Half> undecided = new LongMap<>();
    private final DueHeap<Half> checks = new DueHeap<>();
    private final Map<String, String> groupNames = new HashMap<>();
    private boolean recovering = true;
    private int parked;
    private long checksDelivered;
    private long conflicts;

    /** An empty table in recovery: no check is due before {@link #recovered}. */
    public HalfTable(CheckPolicy policy, BrokerClock clock, RandomGenerator random, int rememberedDecisions) {
        this.policy = policy;
        this.clock = clock;
        this.random = random;
        this.decided = new Decided(rememberedDecisions);
    }

    /**
     * A decision as the log has it now.
     *
     * @param delayMillis how long the message stays invisible from its commit on
     * @since 0.1
     */
    public record Made(MessageRef message, String producerGroup, long delayMillis) {}

    /**
     * What is due.
     *
     * @param ask half messages to be asked about
     * @param park positions of half messages whose checks are used up
     * @since 0.1
     */
    public record DueChecks(List<UndecidedHalf> ask, List<Long> park) {}

    /** A half message is in the log. */
    public synchronized void prepared(
            MessageRef message,
            String producerGroup,
            long preparedAtMillis,
            long delayMillis,
            @Nullable Duration immunity) {
        String group = groupNames.computeIfAbsent(producerGroup, name -> name);
        long immunityMillis = (immunity == null ? policy.immunity() : immunity).toMillis();
        Half half = new Half(message, group, preparedAtMillis, delayMillis, immunityMillis);
        undecided.put(message.position(), half);
        if (!recovering) {
            checks.schedule(half, clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(immunityMillis));
        }
    }

    /** Ends the recovery: from now on checks become due, the first ones spread over some time. */
    public synchronized void recovered() {
        recovering = false;
        long nowNanos = clock.nanoTime();
        long nowMillis = clock.millis();
        undecided.forEach(half -> {
            if (half.state == HalfState.PREPARED) {
                // The wall clock may have jumped while the broker was down: never wait longer than the whole immunity.
                long left = half.preparedAtMillis + half.immunityMillis - nowMillis;
                long immune = TimeUnit.MILLISECONDS.toNanos(Math.max(0, Math.min(left, half.immunityMillis)));
                checks.schedule(half, nowNanos + immune + CheckPolicy.spreadNanos(undecided.size(), random));
            }
        });
    }

    /**
     * Claims a move for a record that is about to be written.
     *
     * @return whether the record is to be written; where not, the move is impossible now or was made by another record
     */
    public synchronized boolean plan(long position, String producerGroup, HalfState next) {
        Half half = undecided.get(position);
        if (half == null
                || !half.producerGroup.equals(producerGroup)
                || !HalfTransitions.allowed(half.effectiveState(), next)) {
            return false;
        }
        half.planned = next;
        return true;
    }

    /** The move that is claimed but not made yet, {@code null} without one. */
    public synchronized @Nullable HalfState planned(long position) {
        Half half = undecided.get(position);
        return half == null ? null : half.planned;
    }

    /** Gives up a planned move whose record was not written, for the one that was planned before it. */
    public synchronized void unplan(long position, @Nullable HalfState before) {
        Half half = undecided.get(position);
        if (half != null) {
            half.planned = before;
        }
    }

    /** How long after its commit a half message stays invisible, 0 for an unknown one. */
    public synchronized long delayMillis(long position) {
        Half half = undecided.get(position);
        return half == null ? 0 : half.delayMillis;
    }

    /** The group that owns an undecided half message, {@code null} for an unknown or decided one. */
    public synchronized @Nullable String ownerOf(long position) {
        Half half = undecided.get(position);
        return half == null ? null : half.producerGroup;
    }

    /** A decision is in the log; {@link #remember} must follow. */
    public synchronized Made decide(long position, Decision decision) {
        Half half = require(position);
        HalfTransitions.require(position, half.state, HalfTransitions.stateAfter(decision));
        if (half.state == HalfState.PARKED) {
            parked--;
        }
        checks.remove(half);
        return new Made(half.message, half.producerGroup, half.delayMillis);
    }

    /** Ends a decision: the outcome is known, the half message is no longer undecided. */
    public synchronized void remember(long position, Decision decision, long queueOffset) {
        Half half = require(position);
        decided.remember(position, half.producerGroup, decision, queueOffset);
        undecided.remove(position);
    }

    /** A half message's checks are used up, in the log. */
    public synchronized void park(long position, int checksDone) {
        Half half = require(position);
        HalfTransitions.require(position, half.state, HalfState.PARKED);
        half.state = HalfState.PARKED;
        half.checks = checksDone;
        if (half.planned == HalfState.PARKED) {
            half.planned = null;
        }
        checks.remove(half);
        parked++;
    }

    private Half require(long position) {
        Half half = undecided.get(position);
        if (half == null) {
            throw new IllegalStateException("No undecided half message stands at position " + position);
        }
        return half;
    }

    /**
     * What a decision comes to that wrote no record.
     *
     * @return {@code null} where the half message is still undecided
     */
    public synchronized @Nullable DecisionOutcome answer(long position, String producerGroup, Decision decision) {
        Half half = undecided.get(position);
        if (half != null) {
            return half.producerGroup.equals(producerGroup) ? null : new DecisionOutcome.Forbidden(half.producerGroup);
        }
        Decided.Outcome outcome = decided.find(position);
        if (outcome == null) {
            return new DecisionOutcome.UnknownHalf();
        }
        if (!outcome.producerGroup().equals(producerGroup)) {
            return new DecisionOutcome.Forbidden(outcome.producerGroup());
        }
        if (outcome.decision() != decision) {
            conflicts++;
            return new DecisionOutcome.Conflict(outcome.decision());
        }
        return new DecisionOutcome.Decided(decision, outcome.queueOffset(), false);
    }

    /** What is due now, oldest due first. What is returned is not due again before the check interval has passed. */
    public synchronized DueChecks pollDue(int max) {
        List<UndecidedHalf> ask = new ArrayList<>();
        List<Long> park = new ArrayList<>();
        long now = clock.nanoTime();
        for (Half half = checks.first();
                half != null && half.dueNanos() - now <= 0 && ask.size() < max && park.size() < Math.max(max, 1);
                half = checks.first()) {
            checks.schedule(half, now + policy.interval().toNanos());
            if (half.effectiveState() != HalfState.PREPARED) {
                continue;
            }
            if (half.checks >= policy.maxChecks()) {
                park.add(half.message.position());
            } else {
                ask.add(half.describe());
            }
        }
        return new DueChecks(ask, park);
    }

    /** A check reached a producer: it counts. */
    public synchronized void checkDelivered(long position) {
        Half half = undecided.get(position);
        if (half != null && half.state == HalfState.PREPARED) {
            checksDelivered++;
            half.checks++;
            checks.schedule(half, clock.nanoTime() + policy.nanosAfter(half.checks, random));
        }
    }

    /** A check reached nobody: it does not count. */
    public synchronized void checkNotDelivered(long position) {
        Half half = undecided.get(position);
        if (half != null && half.state == HalfState.PREPARED) {
            checks.schedule(half, clock.nanoTime() + policy.retryNanos(random));
        }
    }

    /** How many checks of an undecided half message were delivered. */
    public synchronized int checksOf(long position) {
        Half half = undecided.get(position);
        return half == null ? 0 : half.checks;
    }

    /** Whether the message at a position is an undecided half. */
    public synchronized boolean isUndecided(long position) {
        return undecided.get(position) != null;
    }

    /** How many undecided half messages are for a topic. */
    public synchronized int countOfTopic(String topic) {
        int[] count = {0};
        undecided.forEach(half -> count[0] += half.message.queue().topic().equals(topic) ? 1 : 0);
        return count[0];
    }

    /** How many undecided half messages a producer group is to decide. */
    public synchronized int countOfGroup(String producerGroup) {
        int[] count = {0};
        undecided.forEach(half -> count[0] += half.producerGroup.equals(producerGroup) ? 1 : 0);
        return count[0];
    }

    /** Half messages in that state, oldest first. */
    public synchronized List<UndecidedHalf> list(HalfState state, int max) {
        Comparator<UndecidedHalf> oldestFirst = Comparator.comparingLong(UndecidedHalf::position);
        PriorityQueue<UndecidedHalf> oldest = new PriorityQueue<>(oldestFirst.reversed());
        undecided.forEach(half -> {
            UndecidedHalf youngest = oldest.peek();
            if (half.state != state || max <= 0) {
                return;
            }
            if (oldest.size() < max) {
                oldest.add(half.describe());
            } else if (youngest != null && half.message.position() < youngest.position()) {
                oldest.remove();
                oldest.add(half.describe());
            }
        });
        return oldest.stream().sorted(oldestFirst).toList();
    }

    /** How many half messages are in state PREPARED. */
    public synchronized int preparedCount() {
        return undecided.size() - parked;
    }

    /** How many half messages are in state PARKED. */
    public synchronized int parkedCount() {
        return parked;
    }

    /** Checks delivered since the start. */
    public synchronized long checksDelivered() {
        return checksDelivered;
    }

    /** Decisions refused since the start because the opposite stood. */
    public synchronized long conflicts() {
        return conflicts;
    }
}
