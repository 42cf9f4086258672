package dev.tally.transport.redis;

import dev.tally.consume.dispatch.KeyedDispatcher;
import dev.tally.transport.Subscription;
import dev.tally.transport.wire.TagExpression;
import io.lettuce.core.Consumer;
import io.lettuce.core.XClaimArgs;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * What the partitions of one member of a group share. Thread-safe.
 *
 * @param member the member's name, unique for ever
 * @param window how many entries of a partition are here at most
 * @param wake tells the loop that there may be something to do
 * @param tokens numbers the member's leases
 */
record GroupContext(
        Subscription subscription,
        String member,
        TagExpression tags,
        KeyedDispatcher dispatcher,
        LeasedHandler handler,
        EntryTranslation translation,
        DeadLetters deadLetters,
        Line line,
        Duration leaseTime,
        int window,
        Runnable wake,
        LongSupplier nanoTime,
        AtomicLong tokens) {

    String newToken() {
        return member + ':' + tokens.incrementAndGet();
    }

    long leaseMillis() {
        return leaseTime.toMillis();
    }

    /** Lets the server know how many attempts there were, for who comes next if this process dies. */
    void noteAttempts(byte[] stream, String entry, int attempts) {
        Consumer<byte[]> consumer =
                Consumer.from(RedisKeys.bytes(subscription.group()), RedisKeys.bytes(GroupPartition.CONSUMER));
        XClaimArgs count = XClaimArgs.Builder.justid().minIdleTime(0).retryCount(attempts);
        var unused = line.session().thenCompose(session -> session.commands().xclaim(stream, consumer, count, entry));
    }
}
