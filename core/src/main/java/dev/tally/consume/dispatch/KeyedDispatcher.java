package dev.tally.consume.dispatch;

import dev.tally.message.Message;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.SubscriptionControl;
import dev.tally.transport.SubscriptionState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles a group's deliveries in parallel by key.
 *
 * <ul>
 *   <li>The messages of one key are handled one after the other, in the order in which their queue has them, whatever
 *       queue or thread; keys do not wait for each other, also within one queue.
 *   <li>A handler call gets a fair share of what may begin, or all that waits of one key, at most {@link
 *       DispatchSettings#batch()} messages, so that a backlog is handled in large batches and a trickle at once.
 *   <li>In an ordered group a message that failed rests here with those of its key behind it, until it takes effect or
 *       its attempts are used up and it is dead-lettered. Otherwise it is given back to the transport at once.
 *   <li>A message that stops its consumer stays here, and the dispatcher is paused until {@link #resume}.
 * </ul>
 *
 * <p>Thread-safe. Handlers run on the given executor, which must have a thread for each of them; callers are never held
 * up by them.
 *
 * @since 0.1
 */
public final class KeyedDispatcher implements SubscriptionControl, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KeyedDispatcher.class);

    private final DispatchSettings settings;
    private final BatchHandler handler;
    private final Executor workers;
    private final ScheduledExecutorService timer;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;

    private final Object lock = new Object();
    private final Map<KeyChain.Id, KeyChain> chains = new HashMap<>();
    private final ArrayDeque<KeyChain> ready = new ArrayDeque<>();
    private final PriorityQueue<KeyChain> resting = new PriorityQueue<>(Comparator.comparingLong(KeyChain::restsUntil));
    private final RateLimit rate;
    private final AdaptiveConcurrency concurrency;
    private int readyDeliveries;
    private int waitingDeliveries;
    private int runningDeliveries;
    private int runningHandlers;
    private long wakesAt = Long.MAX_VALUE;
    private boolean paused;
    private @Nullable String stopReason;
    private boolean closed;

    /**
     * Creates a dispatcher without queues.
     *
     * @param handler called with the messages of several keys, those of a key in order; in an ordered group it must
     *     answer {@link DeliveryOutcome.Retry} for what is behind a failed message of the same key
     * @param workers runs the handlers
     * @param timer wakes the dispatcher; only short work runs on it
     * @param edges the clock, and the chance in retries
     */
    public KeyedDispatcher(
            DispatchSettings settings,
            BatchHandler handler,
            Executor workers,
            ScheduledExecutorService timer,
            DispatchEdges edges) {
        this.settings = settings;
        this.handler = handler;
        this.workers = workers;
        this.timer = timer;
        this.nanoTime = edges.nanoTime();
        this.random = edges.random();
        this.rate = new RateLimit(settings.messagesPerSecond(), nanoTime);
        this.concurrency =
                new AdaptiveConcurrency(settings.minConcurrency(), settings.maxConcurrency(), nanoTime.getAsLong());
    }

    /**
     * A queue has become this member's.
     *
     * @param name for people
     */
    public DispatchedQueue open(String name) {
        return new DispatchedQueue(this, name);
    }

    void offer(DispatchedQueue queue, List<? extends Delivery> deliveries) {
        List<Batch> begun;
        synchronized (lock) {
            if (queue.isRevoked() || closed) {
                return;
            }
            long now = nanoTime.getAsLong();
            for (Delivery delivery : deliveries) {
                add(new Entry(delivery, queue, now));
            }
            queue.arrived(deliveries.size());
            begun = begin();
        }
        run(begun);
    }

    private void add(Entry entry) {
        Message message = entry.delivery().received().message();
        KeyChain.Id id = settings.ordered() ? KeyChain.Id.of(message) : null;
        KeyChain chain = id == null ? new KeyChain(null) : chains.computeIfAbsent(id, KeyChain::new);
        chain.add(entry);
        waitingDeliveries++;
        if (chain.place() == KeyChain.Place.READY) {
            readyDeliveries++;
        } else if (chain.place() == KeyChain.Place.EMPTY) {
            makeReady(chain);
        }
    }

    private void makeReady(KeyChain chain) {
        chain.moveTo(KeyChain.Place.READY);
        ready.add(chain);
        readyDeliveries += chain.size();
    }

    boolean wantsMore(DispatchedQueue queue) {
        synchronized (lock) {
            return !closed && queue.held() < settings.window();
        }
    }

    int openOf(DispatchedQueue queue) {
        synchronized (lock) {
            return queue.held();
        }
    }

    CompletableFuture<Void> revoke(DispatchedQueue queue) {
        CompletableFuture<Void> ended;
        boolean complete;
        List<Batch> begun;
        synchronized (lock) {
            int dropped = 0;
            for (KeyChain chain : everyChain()) {
                dropped += removeAll(chain, queue);
            }
            waitingDeliveries -= dropped;
            ended = queue.revoked(dropped);
            complete = queue.hasEnded();
            begun = begin();
        }
        if (complete) {
            queue.complete();
        }
        run(begun);
        return ended;
    }

    private Set<KeyChain> everyChain() {
        Set<KeyChain> all = Collections.newSetFromMap(new IdentityHashMap<>());
        all.addAll(chains.values());
        all.addAll(ready);
        all.addAll(resting);
        return all;
    }

    private int removeAll(KeyChain chain, DispatchedQueue queue) {
        int removed = chain.removeAllOf(queue);
        if (chain.place() == KeyChain.Place.READY) {
            readyDeliveries -= removed;
        }
        if (chain.size() == 0 && chain.place() != KeyChain.Place.RUNNING) {
            ready.remove(chain);
            resting.remove(chain);
            forget(chain);
        }
        return removed;
    }

    private void forget(KeyChain chain) {
        chain.moveTo(KeyChain.Place.EMPTY);
        if (chain.id() != null) {
            chains.remove(chain.id());
        }
    }

    @Override
    public void pause() {
        synchronized (lock) {
            paused = true;
        }
    }

    @Override
    public void resume() {
        change(() -> {
            paused = false;
            stopReason = null;
        });
    }

    @Override
    public void concurrency(int min, int max) {
        if (min < 1 || max < min) {
            throw new IllegalArgumentException("Cannot handle with a concurrency from " + min + " to " + max
                    + ": at least 1, and no less than the least, is possible");
        }
        change(() -> concurrency.change(min, max));
    }

    @Override
    public void rate(double messagesPerSecond) {
        if (!(messagesPerSecond > 0)) {
            throw new IllegalArgumentException(
                    "Cannot handle " + messagesPerSecond + " messages in a second: it has to be positive");
        }
        change(() -> rate.change(messagesPerSecond));
    }

    private void change(Runnable change) {
        List<Batch> begun;
        synchronized (lock) {
            change.run();
            begun = begin();
        }
        run(begun);
    }

    /** What a handler call gets: some of the deliveries of some keys. */
    private record Batch(List<Part> parts, int size) {}

    private record Part(KeyChain chain, List<Entry> entries) {}

    /** Takes all that may begin now, under the lock. */
    private List<Batch> begin() {
        List<Batch> begun = new ArrayList<>();
        if (closed || paused) {
            return begun;
        }
        wakeRested();
        while (runningHandlers < concurrency.now() && !ready.isEmpty()) {
            int allowed = rate.available(share());
            if (allowed == 0) {
                wakeAfter(rate.untilNext());
                break;
            }
            Batch batch = take(allowed);
            rate.used(batch.size());
            runningHandlers++;
            begun.add(batch);
        }
        if (runningHandlers < concurrency.now() && ready.isEmpty()) {
            concurrency.hadSpare();
        }
        KeyChain first = resting.peek();
        if (first != null) {
            wakeAfter(Duration.ofNanos(Math.max(0, first.restsUntil() - nanoTime.getAsLong())));
        }
        return begun;
    }

    /**
     * All handlers that may run get as much, so that none has to wait for a batch that another could help with; or as
     * much as waits of the first key, with which no other can help.
     */
    private int share() {
        int handlers = concurrency.now();
        int share = (readyDeliveries + handlers - 1) / handlers;
        KeyChain first = ready.peek();
        return Math.max(1, Math.min(settings.batch(), first == null ? share : Math.max(share, first.size())));
    }

    private Batch take(int most) {
        List<Part> parts = new ArrayList<>();
        int size = 0;
        while (size < most && !ready.isEmpty()) {
            KeyChain chain = ready.remove();
            readyDeliveries -= chain.size();
            List<Entry> entries = chain.take(most - size);
            chain.moveTo(KeyChain.Place.RUNNING);
            entries.forEach(entry -> entry.queue().began());
            parts.add(new Part(chain, entries));
            size += entries.size();
        }
        waitingDeliveries -= size;
        runningDeliveries += size;
        return new Batch(parts, size);
    }

    private void wakeRested() {
        long now = nanoTime.getAsLong();
        for (KeyChain first = resting.peek(); first != null && first.restsUntil() - now <= 0; first = resting.peek()) {
            resting.remove();
            makeReady(first);
        }
    }

    private void wakeAfter(Duration delay) {
        long at = nanoTime.getAsLong() + delay.toNanos();
        if (wakesAt != Long.MAX_VALUE && wakesAt - at <= 0) {
            return;
        }
        try {
            var unused = timer.schedule(() -> wake(at), delay.toNanos(), TimeUnit.NANOSECONDS);
            wakesAt = at;
        } catch (RejectedExecutionException e) {
            log.debug("not waking up, the timer is closed", e);
        }
    }

    private void wake(long at) {
        change(() -> {
            if (wakesAt == at) {
                wakesAt = Long.MAX_VALUE;
            }
        });
    }

    private void run(List<Batch> begun) {
        for (Batch batch : begun) {
            try {
                workers.execute(() -> handle(batch));
            } catch (RejectedExecutionException e) {
                log.debug("not handling deliveries={}, the workers are closed", batch.size(), e);
                ended(batch, Collections.nCopies(batch.size(), new DeliveryOutcome.Retry("closed")), true);
            }
        }
    }

    private void handle(Batch batch) {
        List<DeliveryOutcome> outcomes;
        try {
            outcomes = handler.handle(batch.parts().stream()
                    .flatMap(part -> part.entries().stream())
                    .map(Entry::received)
                    .toList());
            if (outcomes.size() != batch.size()) {
                log.error("a handler answered outcomes={} for deliveries={}", outcomes.size(), batch.size());
                outcomes = retryAll(batch, "the handler answered " + outcomes.size() + " outcomes for " + batch.size());
            }
        } catch (RuntimeException | Error e) {
            log.warn("a handler failed for deliveries={}", batch.size(), e);
            outcomes = retryAll(batch, String.valueOf(e));
        }
        ended(batch, outcomes, false);
    }

    private static List<DeliveryOutcome> retryAll(Batch batch, String reason) {
        return Collections.nCopies(batch.size(), new DeliveryOutcome.Retry(reason));
    }

    private void ended(Batch batch, List<DeliveryOutcome> outcomes, boolean dropped) {
        // Settled first: what is revoked is told to have ended only when all of it has left, and a key's next message
        // begins only when the transport knows of the one before.
        List<List<Entry>> backs = new ArrayList<>();
        int next = 0;
        for (Part part : batch.parts()) {
            List<DeliveryOutcome> ofPart =
                    outcomes.subList(next, next + part.entries().size());
            next += part.entries().size();
            backs.add(dropped ? List.of() : settle(part.entries(), ofPart));
        }
        Set<DispatchedQueue> over = new HashSet<>();
        List<Batch> begun;
        synchronized (lock) {
            runningHandlers--;
            runningDeliveries -= batch.size();
            outcomes.stream()
                    .filter(DeliveryOutcome.Stop.class::isInstance)
                    .findFirst()
                    .ifPresent(stop -> {
                        paused = true;
                        stopReason = ((DeliveryOutcome.Stop) stop).reason();
                    });
            for (int i = 0; i < backs.size(); i++) {
                putBack(batch.parts().get(i), backs.get(i), over);
            }
            concurrency.handled(batch.size(), nanoTime.getAsLong());
            begun = begin();
            lock.notifyAll();
        }
        over.forEach(DispatchedQueue::complete);
        run(begun);
    }

    /** Settles what leaves; answers what stays, in order. */
    private List<Entry> settle(List<Entry> entries, List<DeliveryOutcome> outcomes) {
        List<Entry> back = new ArrayList<>();
        boolean failed = false;
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            DeliveryOutcome outcome = outcomes.get(i);
            if (outcome instanceof DeliveryOutcome.Stop) {
                failed = true;
                back.add(entry);
                continue;
            }
            if (outcome instanceof DeliveryOutcome.Later) {
                if (!failed) {
                    entry.postponed();
                }
                failed = true;
                back.add(entry);
                continue;
            }
            if (settings.keepsFailed() && outcome instanceof DeliveryOutcome.Retry retry) {
                if (failed) {
                    back.add(entry); // it waited for the one before it, and loses no attempt
                    continue;
                }
                failed = true;
                if (entry.attempt() < settings.maxAttempts()) {
                    entry.failed();
                    back.add(entry);
                    continue;
                }
                outcome = new DeliveryOutcome.DeadLetter(
                        "attempt " + entry.attempt() + " of " + settings.maxAttempts() + " failed: " + retry.reason());
            }
            settle(entry.delivery(), outcome);
        }
        return back;
    }

    private static void settle(Delivery delivery, DeliveryOutcome outcome) {
        try {
            delivery.settled(outcome);
        } catch (RuntimeException e) {
            log.error(
                    "a transport could not settle messageId={} outcome={}",
                    delivery.received().message().id(),
                    outcome,
                    e);
        }
    }

    private void putBack(Part part, List<Entry> back, Set<DispatchedQueue> over) {
        List<Entry> kept = new ArrayList<>();
        for (Entry entry : part.entries()) {
            DispatchedQueue queue = entry.queue();
            if (back.contains(entry) && !queue.isRevoked()) {
                queue.cameBack();
                kept.add(entry);
            } else {
                queue.left();
            }
            if (queue.hasEnded()) {
                over.add(queue);
            }
        }
        KeyChain chain = part.chain();
        chain.putBack(kept);
        waitingDeliveries += kept.size();
        Entry first = chain.first();
        if (first == null) {
            forget(chain);
        } else if (first.rests() > 0 && kept.contains(first)) {
            Duration rest = settings.retryDelay().delay(first.rests(), random);
            chain.restUntil(nanoTime.getAsLong() + rest.toNanos());
            resting.add(chain);
        } else {
            makeReady(chain);
        }
    }

    @Override
    public SubscriptionState state(int slowest) {
        synchronized (lock) {
            long now = nanoTime.getAsLong();
            // Meters ask often, for none.
            Set<KeyChain> looked = slowest == 0 ? Set.of() : everyChain();
            List<SubscriptionState.SlowKey> keys = looked.stream()
                    .filter(chain -> chain.first() != null)
                    .map(chain -> slowKey(chain, now))
                    .sorted(Comparator.comparing(SubscriptionState.SlowKey::waits)
                            .reversed())
                    .limit(slowest)
                    .toList();
            return new SubscriptionState(
                    waitingDeliveries,
                    runningDeliveries,
                    resting.size(),
                    concurrency.now(),
                    concurrency.min(),
                    concurrency.max(),
                    rate.perSecond(),
                    paused,
                    stopReason,
                    keys);
        }
    }

    private static SubscriptionState.SlowKey slowKey(KeyChain chain, long now) {
        Entry first = Objects.requireNonNull(chain.first());
        Message message = first.delivery().received().message();
        return new SubscriptionState.SlowKey(
                message.destination().topic(),
                message.key(),
                chain.size(),
                Duration.ofNanos(now - first.since()),
                first.attempt());
    }

    /**
     * Begins nothing more, and waits for running handlers, {@link DispatchSettings#closeLimit()} at most. What waits is
     * dropped: it is not acknowledged, and so comes again. Idempotent.
     */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            long end = nanoTime.getAsLong() + settings.closeLimit().toNanos();
            long left = end - nanoTime.getAsLong();
            while (runningHandlers > 0 && left > 0) {
                try {
                    TimeUnit.NANOSECONDS.timedWait(lock, left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
                left = end - nanoTime.getAsLong();
            }
            if (runningHandlers > 0) {
                log.warn(
                        "handlers still run after the limit, their deliveries come again handlers={} limit={}",
                        runningHandlers,
                        settings.closeLimit());
            }
        }
    }

    /** For tests. */
    int keysHeld() {
        synchronized (lock) {
            return chains.size();
        }
    }
}
