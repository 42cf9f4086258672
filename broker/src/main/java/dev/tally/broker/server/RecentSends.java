package dev.tally.broker.server;

import dev.tally.broker.client.Peers;
import dev.tally.broker.collect.Hash;
import dev.tally.broker.message.Placed;
import dev.tally.broker.message.SentMessage;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.MalformedCommandException;
import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.PropertyNames;
import dev.tally.broker.request.RepeatPolicy;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.StoreRejectedException;
import dev.tally.broker.store.StoredMessage;
import dev.tally.broker.topic.GroupTopics;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recognises a plain message that a client sends again because it did not get the answer, within a bounded window.
 *
 * <p>A client's library and a user who sends the same message object on purpose put the same on the wire. What tells
 * them apart is whether the sender can know the first answer; so a message is a repeat only where all of this holds, and
 * is stored as a new one in any doubt (see ADR 12):
 *
 * <ol>
 *   <li>Topic and unique key were seen, once, within the window.
 *   <li>The first is not answered yet although its sender may have given up, or its answer went into a connection that
 *       broke and brought nothing after it, or the broker was restarted right after it was stored.
 *   <li>The stored record, read back, is the same message. A hash that meets by chance is no repeat.
 * </ol>
 *
 * Thread-safe.
 */
final class RecentSends {

    private static final Logger log = LoggerFactory.getLogger(RecentSends.class);

    /** No client gives up sooner; what comes sooner on the same connection was sent on purpose. */
    private static final long PATIENCE_MILLIS = 100;

    /** A connection that brings something that long after an answer was written has delivered the answer. */
    private static final long SETTLED_AFTER_MILLIS = 1000;

    private static final int STRIPES = 16;

    private final RepeatPolicy policy;
    private final MessageStore store;
    private final Executor reads;
    private final InstantSource clock;
    private final Peers peers;
    private final Stripe[] stripes = new Stripe[STRIPES];
    private final LongAdder recognised = new LongAdder();

    RecentSends(RepeatPolicy policy, MessageStore store, Executor reads, InstantSource clock, Peers peers) {
        this.policy = policy;
        this.store = store;
        this.reads = reads;
        this.clock = clock;
        this.peers = peers;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe((policy.keys() + STRIPES - 1) / STRIPES);
        }
    }

    /** What was sent under one key; guarded by its stripe except for the answer. */
    private static final class Sent {
        private Peers.Peer peer;
        private long arrivedMillis;
        private boolean usedAgain;
        private volatile long answeredMillis = -1;
        /** For repeats that come before the answer; most often nobody waits. */
        private volatile @Nullable CompletableFuture<Placed> underWay = new CompletableFuture<>();

        private volatile @Nullable Placed placed;

        Sent(Peers.Peer peer, long arrivedMillis) {
            this.peer = peer;
            this.arrivedMillis = arrivedMillis;
        }

        /** Whether its sender may not know the answer, and so send it again. */
        boolean mayBeRepeatedBy(Peers.Peer sender, long nowMillis) {
            if (usedAgain) {
                return false;
            }
            if (answeredMillis < 0) {
                return peer.closed() || nowMillis - arrivedMillis >= PATIENCE_MILLIS;
            }
            return peer != sender && peer.closed() && !peer.surelyGot(answeredMillis, SETTLED_AFTER_MILLIS);
        }
    }

    /** The oldest are forgotten first. */
    private static final class Stripe extends LinkedHashMap<Long, Sent> {
        private static final long serialVersionUID = 1L;
        private final int most;

        Stripe(int most) {
            this.most = most;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Sent> eldest) {
            return size() > most;
        }
    }

    /**
     * Remembers what was stored right before the broker stopped: whether it was answered is not known. To be called
     * before the first send.
     */
    void restore(List<Long> positions) {
        if (!policy.enabled()) {
            return;
        }
        Peers.Peer unknown = Peers.Peer.unknown();
        long now = clock.millis();
        for (long position : positions) {
            StoredMessage message = store.messageAt(position);
            String key = message == null ? null : uniqueKey(message);
            if (message != null && key != null) {
                long hash = Hash.of(message.topic(), key);
                Sent sent = new Sent(unknown, now);
                sent.placed = new Placed(message.queueId(), position, message.queueOffset());
                sent.answeredMillis = now;
                sent.underWay = null;
                Sent before = stripe(hash).put(hash, sent);
                sent.usedAgain = before != null;
            }
        }
    }

    private static @Nullable String uniqueKey(StoredMessage message) {
        try {
            return MessageEncoding.decode(message.payload()).properties().get(PropertyNames.UNIQUE_KEY);
        } catch (MalformedCommandException e) {
            log.debug("Nobody can repeat a message that no client sent; position={}", message.position(), e);
            return null;
        }
    }

    /** How many repeats were recognised. */
    long recognised() {
        return recognised.sum();
    }

    /** Appends a message unless it repeats one; the answer is the first one's then. */
    CompletableFuture<Placed> append(Connection connection, @Nullable String key, NewMessage message) {
        if (key == null || !policy.enabled() || GroupTopics.isOfGroup(message.topic())) {
            return append(message);
        }
        long now = clock.millis();
        Peers.Peer sender = peers.heard(connection, now);
        long hash = Hash.of(message.topic(), key);
        Stripe stripe = stripe(hash);
        Sent sent;
        synchronized (stripe) {
            Sent earlier = stripe.get(hash);
            if (earlier != null && now - earlier.arrivedMillis < policy.window().toMillis()) {
                if (earlier.mayBeRepeatedBy(sender, now)) {
                    return repeat(earlier, sender, hash, message);
                }
                // The key does not tell messages apart: from now on none of them is taken for a repeat.
                earlier.usedAgain = true;
                earlier.arrivedMillis = now;
                return append(message);
            }
            sent = new Sent(sender, now);
            stripe.put(hash, sent);
        }
        return first(sent, hash, message);
    }

    private CompletableFuture<Placed> append(NewMessage message) {
        return store.append(List.of(message)).thenApply(appended -> Placed.of(message.queueId(), appended.get(0)));
    }

    private CompletableFuture<Placed> first(Sent sent, long hash, NewMessage message) {
        return append(message).whenComplete((placed, failure) -> {
            CompletableFuture<Placed> waiting = sent.underWay;
            if (failure == null) {
                sent.placed = placed;
                sent.answeredMillis = clock.millis();
                sent.underWay = null;
            } else {
                forget(hash, sent);
            }
            if (waiting == null) {
                return;
            }
            if (failure == null) {
                waiting.complete(placed);
            } else {
                waiting.completeExceptionally(failure);
            }
        });
    }

    private void forget(long hash, Sent sent) {
        Stripe stripe = stripe(hash);
        synchronized (stripe) {
            stripe.remove(hash, sent);
        }
    }

    /** Answers what the first one got, when that is durable and proves to be the same message. */
    private CompletableFuture<Placed> repeat(Sent first, Peers.Peer sender, long hash, NewMessage message) {
        CompletableFuture<Placed> underWay = first.underWay;
        CompletableFuture<Optional<Throwable>> ended = underWay == null
                ? CompletableFuture.completedFuture(Optional.empty())
                : underWay.handle((placed, failure) -> Optional.ofNullable(failure));
        return ended.thenComposeAsync(failure -> judge(first, sender, hash, message, failure), reads);
    }

    private CompletableFuture<Placed> judge(
            Sent first, Peers.Peer sender, long hash, NewMessage message, Optional<Throwable> failure) {
        if (failure.isPresent() && !(causeOf(failure.get()) instanceof StoreRejectedException)) {
            return CompletableFuture.failedFuture(causeOf(failure.get()));
        }
        Placed placed = first.placed;
        StoredMessage stored = placed == null ? null : store.messageAt(placed.position());
        if (stored == null || !SentMessage.same(stored.payload(), message.payload())) {
            Sent sent = new Sent(sender, clock.millis());
            Stripe stripe = stripe(hash);
            synchronized (stripe) {
                stripe.put(hash, sent);
            }
            return first(sent, hash, message);
        }
        synchronized (stripe(hash)) {
            first.peer = sender;
            first.arrivedMillis = clock.millis();
            first.answeredMillis = first.arrivedMillis;
        }
        recognised.increment();
        log.debug("Send repeated, answered as the first; topic={} position={}", stored.topic(), stored.position());
        return CompletableFuture.completedFuture(new Placed(stored.queueId(), stored.position(), stored.queueOffset()));
    }

    private static Throwable causeOf(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    private Stripe stripe(long hash) {
        return stripes[(int) (hash & (STRIPES - 1))];
    }
}
