package dev.tally.broker.half;

import dev.tally.broker.collect.Hash;
import dev.tally.broker.collect.Numbered;
import dev.tally.broker.collect.RecentLongs;
import dev.tally.broker.collect.RowHeap;
import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.queue.MessageRef;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOrigin;
import dev.tally.broker.store.DecisionOutcome;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.UndecidedHalf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * All undecided half messages by log position, when each is to be checked, and the outcome of those decided last.
 *
 * <p>The log's writer plans a move ({@link #plan}), writes its record, and makes the move when the record is durable
 * ({@link #decide}, {@link #park}); recovery makes the same moves from the records. Check-backs move nothing and write
 * nothing: how many were delivered survives a restart only in a snapshot ({@link #forEach}, {@link #restore}), and what
 * was delivered after the last one is forgotten. So a half message may be asked about more often than the policy says,
 * never less.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 *
 * @since 0.1
 */
public final class HalfTable {

    private static final int REMEMBERED_KEYS = 100_000;

    private final CheckPolicy policy;
    private final BrokerClock clock;
    private final RandomGenerator random;

    private final Numbered<String> groups = new Numbered<>();
    private final HalfRows rows = new HalfRows(groups);
    private final RowHeap checks = rows.newHeap();
    private final RowHeap parking = rows.newHeap();
    private final Decided decided;
    private final RecentLongs decidedKeys = new RecentLongs(REMEMBERED_KEYS);
    private boolean recovering = true;
    private int parked;
    private long checksDelivered;
    private long conflicts;

    /** An empty table in recovery: no check is due before {@link #recovered}. */
    public HalfTable(CheckPolicy policy, BrokerClock clock, RandomGenerator random, int rememberedDecisions) {
        this.policy = policy;
        this.clock = clock;
        this.random = random;
        this.decided = new Decided(rememberedDecisions, groups);
    }

    /**
     * A decision as the log has it now.
     *
     * @param delayMillis how long the message stays invisible from its commit on
     * @since 0.1
     */
    public record Made(MessageRef message, String producerGroup, long delayMillis) {}

    /** What a producer group calls a half message, as a number; 0 for an empty key. Different keys may have the same. */
    public static int keyHash(String producerGroup, String key) {
        if (key.isEmpty()) {
            return 0;
        }
        long hash = Hash.of(producerGroup, key);
        int folded = (int) (hash ^ (hash >>> Integer.SIZE));
        return folded == 0 ? 1 : folded;
    }

    /** A half message is in the log. */
    public synchronized void prepared(
            MessageRef message,
            String producerGroup,
            String key,
            long preparedAtMillis,
            long delayMillis,
            @Nullable Duration immunity) {
        long immunityMillis = (immunity == null ? policy.immunity() : immunity).toMillis();
        int row = rows.add(new HalfEntry(
                message,
                producerGroup,
                keyHash(producerGroup, key),
                preparedAtMillis,
                delayMillis,
                immunityMillis,
                HalfState.PREPARED,
                0));
        if (!recovering) {
            checks.schedule(row, clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(immunityMillis));
        }
    }

    /** Visits all undecided half messages, for a snapshot, in no particular order. */
    public synchronized void forEach(Consumer<HalfEntry> visitor) {
        rows.forEach(row -> visitor.accept(rows.entry(row)));
    }

    /** The undecided half message at a position, {@code null} where none is. */
    public synchronized @Nullable HalfEntry find(long position) {
        int row = rows.find(position);
        return row < 0 ? null : rows.entry(row);
    }

    /** Puts a half message back as a snapshot has it; only before {@link #recovered}. */
    public synchronized void restore(HalfEntry half) {
        rows.add(half);
        if (half.state() == HalfState.PARKED) {
            parked++;
        }
    }

    /** Visits all remembered decisions, for a snapshot, older ones first. */
    public synchronized void forEachDecided(Consumer<DecidedEntry> visitor) {
        decided.forEach(visitor);
    }

    /** Puts a remembered decision back as a snapshot has it. */
    public synchronized void restore(DecidedEntry decision) {
        decided.remember(decision);
    }

    /** Ends the recovery: from now on checks become due, the first ones spread over some time. */
    public synchronized void recovered() {
        recovering = false;
        long nowNanos = clock.nanoTime();
        long nowMillis = clock.millis();
        rows.forEach(row -> {
            if (rows.state(row) == HalfState.PREPARED) {
                // The wall clock may have jumped while the broker was down: never wait longer than the whole immunity.
                long left = rows.preparedAtMillis(row) + rows.immunityMillis(row) - nowMillis;
                long immune = TimeUnit.MILLISECONDS.toNanos(Math.max(0, Math.min(left, rows.immunityMillis(row))));
                heapOf(row).schedule(row, nowNanos + immune + CheckPolicy.spreadNanos(rows.size(), random));
            }
        });
    }

    /** Where a half message waits: for its next check, or after the last one for being parked. */
    private RowHeap heapOf(int row) {
        return rows.checks(row) < policy.maxChecks() ? checks : parking;
    }

    /**
     * Claims a move for a record that is about to be written.
     *
     * @return whether the record is to be written; where not, the move is impossible now or was made by another record
     */
    public synchronized boolean plan(long position, String producerGroup, HalfState next) {
        int row = rows.find(position);
        if (row < 0
                || !rows.group(row).equals(producerGroup)
                || !HalfTransitions.allowed(rows.effectiveState(row), next)) {
            return false;
        }
        rows.plan(row, next);
        return true;
    }

    /** The move that is claimed but not made yet, {@code null} without one. */
    public synchronized @Nullable HalfState planned(long position) {
        int row = rows.find(position);
        return row < 0 ? null : rows.planned(row);
    }

    /** Gives up a planned move whose record was not written, for the one that was planned before it. */
    public synchronized void unplan(long position, @Nullable HalfState before) {
        int row = rows.find(position);
        if (row >= 0) {
            rows.plan(row, before);
        }
    }

    /** How long after its commit a half message stays invisible, 0 for an unknown one. */
    public synchronized long delayMillis(long position) {
        int row = rows.find(position);
        return row < 0 ? 0 : rows.delayMillis(row);
    }

    /** The queue that an undecided half message is for, {@code null} for an unknown or decided one. */
    public synchronized @Nullable QueueIndex queueOf(long position) {
        int row = rows.find(position);
        return row < 0 ? null : rows.queue(row);
    }

    /** The group that owns an undecided half message, {@code null} for an unknown or decided one. */
    public synchronized @Nullable String ownerOf(long position) {
        int row = rows.find(position);
        return row < 0 ? null : rows.group(row);
    }

    /**
     * A half message that may have that key: it is undecided, or was decided lately by somebody who need not have had
     * the answer to its prepare. The caller compares the keys.
     *
     * @return its position, 0 without one
     */
    public synchronized long findByKey(int keyHash) {
        int row = rows.findByKey(keyHash);
        return row >= 0 ? rows.position(row) : decidedKeys.get(keyHash, 0);
    }

    /** A decision is in the log; {@link #remember} must follow. */
    public synchronized Made decide(long position, Decision decision, DecisionOrigin origin) {
        int row = require(position);
        HalfTransitions.require(position, rows.state(row), HalfTransitions.stateAfter(decision));
        if (rows.state(row) == HalfState.PARKED) {
            parked--;
        }
        HalfEntry half = rows.entry(row);
        if (origin != DecisionOrigin.PRODUCER && half.keyHash() != 0) {
            decidedKeys.put(half.keyHash(), position);
        }
        heapOf(row).remove(row);
        return new Made(half.message(), half.producerGroup(), half.delayMillis());
    }

    /** Ends a decision: the outcome is known, the half message is no longer undecided. */
    public synchronized void remember(long position, Decision decision, long queueOffset) {
        int row = require(position);
        decided.remember(new DecidedEntry(position, rows.group(row), decision, queueOffset));
        rows.remove(row);
    }

    /** A half message's checks are used up, in the log. */
    public synchronized void park(long position, int checksDone) {
        int row = require(position);
        HalfTransitions.require(position, rows.state(row), HalfState.PARKED);
        heapOf(row).remove(row);
        rows.move(row, HalfState.PARKED, checksDone);
        if (rows.planned(row) == HalfState.PARKED) {
            rows.plan(row, null);
        }
        parked++;
    }

    /** A parked half message is asked about again, from the beginning, in the log. */
    public synchronized void resume(long position) {
        int row = require(position);
        HalfTransitions.require(position, rows.state(row), HalfState.PREPARED);
        rows.move(row, HalfState.PREPARED, 0);
        if (rows.planned(row) == HalfState.PREPARED) {
            rows.plan(row, null);
        }
        parked--;
        if (!recovering) {
            checks.schedule(row, clock.nanoTime());
        }
    }

    private int require(long position) {
        int row = rows.find(position);
        if (row < 0) {
            throw new IllegalStateException("No undecided half message stands at position " + position);
        }
        return row;
    }

    /**
     * What a decision comes to that wrote no record.
     *
     * @return {@code null} where the half message is still undecided
     */
    public synchronized @Nullable DecisionOutcome answer(long position, String producerGroup, Decision decision) {
        int row = rows.find(position);
        if (row >= 0) {
            String owner = rows.group(row);
            return owner.equals(producerGroup) ? null : new DecisionOutcome.Forbidden(owner);
        }
        DecidedEntry outcome = decided.find(position);
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

    /**
     * Half messages to be asked about now, oldest due first. What is returned is not due again before the check interval
     * has passed.
     */
    public synchronized List<UndecidedHalf> pollDue(int max) {
        List<UndecidedHalf> ask = new ArrayList<>();
        while (ask.size() < max) {
            int row = nextDue(checks);
            if (row < 0) {
                return ask;
            }
            if (rows.effectiveState(row) == HalfState.PREPARED) {
                ask.add(rows.describe(row));
            }
        }
        return ask;
    }

    /** Positions of half messages whose last check stayed unanswered: they are to be parked. */
    public synchronized List<Long> pollUsedUp(int max) {
        List<Long> park = new ArrayList<>();
        while (park.size() < max) {
            int row = nextDue(parking);
            if (row < 0) {
                return park;
            }
            if (rows.effectiveState(row) == HalfState.PREPARED) {
                park.add(rows.position(row));
            }
        }
        return park;
    }

    private int nextDue(RowHeap heap) {
        int row = heap.first();
        long now = clock.nanoTime();
        if (row < 0 || heap.dueNanos(row) - now > 0) {
            return -1;
        }
        heap.schedule(row, now + policy.interval().toNanos());
        return row;
    }

    /** A check reached a producer: it counts. */
    public synchronized void checkDelivered(long position) {
        int row = rows.find(position);
        if (row >= 0 && rows.state(row) == HalfState.PREPARED) {
            checksDelivered++;
            heapOf(row).remove(row);
            int done = rows.checks(row) + 1;
            rows.move(row, HalfState.PREPARED, done);
            heapOf(row).schedule(row, clock.nanoTime() + policy.nanosAfter(done, random));
        }
    }

    /** A check reached nobody: it does not count. */
    public synchronized void checkNotDelivered(long position) {
        int row = rows.find(position);
        if (row >= 0 && rows.state(row) == HalfState.PREPARED) {
            heapOf(row).schedule(row, clock.nanoTime() + policy.retryNanos(rows.size(), random));
        }
    }

    /** How many checks of an undecided half message were delivered. */
    public synchronized int checksOf(long position) {
        int row = rows.find(position);
        return row < 0 ? 0 : rows.checks(row);
    }

    /** Whether the message at a position is an undecided half. */
    public synchronized boolean isUndecided(long position) {
        return rows.find(position) >= 0;
    }

    /** How many undecided half messages are for a topic. */
    public synchronized int countOfTopic(String topic) {
        int[] count = {0};
        rows.forEach(row -> count[0] += rows.queue(row).topic().equals(topic) ? 1 : 0);
        return count[0];
    }

    /** How many undecided half messages a producer group is to decide. */
    public synchronized int countOfGroup(String producerGroup) {
        int[] count = {0};
        rows.forEach(row -> count[0] += rows.group(row).equals(producerGroup) ? 1 : 0);
        return count[0];
    }

    /** How many half messages in that state a producer group is to decide. */
    public synchronized int countOfGroup(String producerGroup, HalfState state) {
        int[] count = {0};
        rows.forEach(
                row -> count[0] += rows.state(row) == state && rows.group(row).equals(producerGroup) ? 1 : 0);
        return count[0];
    }

    /** Half messages in that state, oldest first. */
    public List<UndecidedHalf> list(HalfState state, int max) {
        return list(state, 0, max, group -> true);
    }

    /** Half messages in that state of some producer groups from a position on, oldest first. */
    public synchronized List<UndecidedHalf> list(HalfState state, long from, int max, Predicate<String> groups) {
        Comparator<UndecidedHalf> oldestFirst = Comparator.comparingLong(UndecidedHalf::position);
        PriorityQueue<UndecidedHalf> oldest = new PriorityQueue<>(oldestFirst.reversed());
        rows.forEach(row -> {
            UndecidedHalf youngest = oldest.peek();
            if (rows.state(row) != state || rows.position(row) < from || max <= 0 || !groups.test(rows.group(row))) {
                return;
            }
            if (oldest.size() < max) {
                oldest.add(rows.describe(row));
            } else if (youngest != null && rows.position(row) < youngest.position()) {
                oldest.remove();
                oldest.add(rows.describe(row));
            }
        });
        return oldest.stream().sorted(oldestFirst).toList();
    }

    /** When the oldest half message of a group was prepared, in whichever state; empty where there is none. */
    public synchronized OptionalLong oldestOfGroup(String producerGroup) {
        long[] oldest = {Long.MAX_VALUE};
        rows.forEach(row -> {
            if (rows.group(row).equals(producerGroup)) {
                oldest[0] = Math.min(oldest[0], rows.preparedAtMillis(row));
            }
        });
        return oldest[0] == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(oldest[0]);
    }

    /** How many half messages are in state PREPARED. */
    public synchronized int preparedCount() {
        return rows.size() - parked;
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
