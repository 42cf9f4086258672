package dev.tally.testkit.saga;

import dev.tally.saga.lock.SagaLocks;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Semantic locks in memory. Thread-safe by its {@link InMemoryTransactions}, in which everything has to happen.
 *
 * @since 0.1
 */
public final class InMemorySagaLocks implements SagaLocks {

    private record Waiter(String sagaId, Duration lease) {}

    private record Held(String owner, Instant until, List<Waiter> queue) {

        Held without(String sagaId) {
            return new Held(
                    owner,
                    until,
                    queue.stream()
                            .filter(waiter -> !waiter.sagaId().equals(sagaId))
                            .toList());
        }

        boolean isWanted(String sagaId) {
            return queue.stream().anyMatch(waiter -> waiter.sagaId().equals(sagaId));
        }
    }

    private final InMemoryTransactions transactions;
    private final Map<String, Held> locks = new TreeMap<>();

    /** Creates locks of which none is taken. */
    public InMemorySagaLocks(InMemoryTransactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public Outcome acquire(String resource, String sagaId, boolean waits, Instant now, Duration lease) {
        Held held = locks.get(resource);
        if (held == null) {
            transactions.put(locks, resource, new Held(sagaId, now.plus(lease), List.of()));
            return Outcome.GRANTED;
        }
        if (held.owner().equals(sagaId)) {
            return Outcome.GRANTED;
        }
        if (!held.until().isAfter(now)) {
            transactions.put(
                    locks,
                    resource,
                    new Held(sagaId, now.plus(lease), held.without(sagaId).queue()));
            return Outcome.GRANTED;
        }
        if (!waits) {
            return Outcome.TAKEN;
        }
        if (wouldWaitForItself(held, sagaId)) {
            transactions.put(locks, resource, held.without(sagaId));
            return Outcome.DEADLOCK;
        }
        if (!held.isWanted(sagaId)) {
            List<Waiter> queue = Stream.concat(held.queue().stream(), Stream.of(new Waiter(sagaId, lease)))
                    .toList();
            transactions.put(locks, resource, new Held(held.owner(), held.until(), queue));
        }
        return Outcome.QUEUED;
    }

    /** A saga waits for a lock's owner and for all who wait before it. */
    private boolean wouldWaitForItself(Held wanted, String sagaId) {
        Set<String> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(before(wanted, sagaId));
        while (!open.isEmpty()) {
            String other = open.pop();
            if (other.equals(sagaId)) {
                return true;
            }
            if (seen.add(other)) {
                locks.values().stream()
                        .filter(held -> held.isWanted(other))
                        .forEach(held -> open.addAll(before(held, other)));
            }
        }
        return false;
    }

    private static List<String> before(Held held, String sagaId) {
        return Stream.concat(
                        Stream.of(held.owner()),
                        held.queue().stream().map(Waiter::sagaId).takeWhile(waiter -> !waiter.equals(sagaId)))
                .toList();
    }

    @Override
    public List<String> releaseAll(String sagaId, Instant now) {
        List<String> granted = new ArrayList<>();
        for (String resource : List.copyOf(locks.keySet())) {
            Held held = Objects.requireNonNull(locks.get(resource));
            if (!held.owner().equals(sagaId)) {
                if (held.isWanted(sagaId)) {
                    transactions.put(locks, resource, held.without(sagaId));
                }
            } else if (held.queue().isEmpty()) {
                transactions.remove(locks, resource);
            } else {
                Waiter next = held.queue().get(0);
                transactions.put(
                        locks,
                        resource,
                        new Held(
                                next.sagaId(),
                                now.plus(next.lease()),
                                held.queue().subList(1, held.queue().size())));
                granted.add(next.sagaId());
            }
        }
        return granted;
    }

    /** The saga that has a lock; {@code null} if it is free. */
    public @Nullable String owner(String resource) {
        Held held = locks.get(resource);
        return held == null ? null : held.owner();
    }

    /** What is locked, or waited for. */
    public Set<String> resources() {
        return Set.copyOf(locks.keySet());
    }

    /** Whether a saga waits for a lock. */
    boolean isWaiting(String sagaId) {
        return locks.values().stream().anyMatch(held -> held.isWanted(sagaId));
    }

    /** Whether a saga has, or waits for, a lock. */
    boolean knows(String sagaId) {
        return locks.values().stream().anyMatch(held -> held.owner().equals(sagaId) || held.isWanted(sagaId));
    }
}
