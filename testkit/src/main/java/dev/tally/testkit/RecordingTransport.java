package dev.tally.testkit;

import dev.tally.message.Message;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Capability;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import dev.tally.transport.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A broker in memory: keeps what was sent, in order, and can be made to fail, to be slow, or to be down. It has no
 * subscriptions. Thread-safe.
 *
 * @since 0.1
 */
public final class RecordingTransport implements Transport {

    private final List<Message> sent = new ArrayList<>();
    private Function<Message, SendOutcome.@Nullable Failed> failure = message -> null;
    private Duration latency = Duration.ZERO;
    private boolean down;
    private int attempts;
    private int unanswered;
    private int mostUnanswered;

    /** Everything that was confirmed, in the order in which it arrived, duplicates included. */
    public synchronized List<Message> sent() {
        return List.copyOf(sent);
    }

    /** The ids of {@link #sent()}. */
    public List<String> sentIds() {
        return sent().stream().map(message -> message.id().value()).toList();
    }

    /** The ids of what was confirmed for one key, without repetitions: the order of first deliveries. */
    public List<String> firstDeliveries(@Nullable String key) {
        return sent().stream()
                .filter(message -> Objects.equals(key, message.key()))
                .map(message -> message.id().value())
                .distinct()
                .toList();
    }

    /** How many messages were handed over, confirmed or not. */
    public synchronized int attempts() {
        return attempts;
    }

    /** How many messages at most had been handed over and waited for an answer that came later. */
    public synchronized int mostUnanswered() {
        return mostUnanswered;
    }

    private synchronized void answered() {
        unanswered--;
    }

    /** From now on, what {@code failure} returns for a message becomes of it; {@code null} to let it pass. */
    public synchronized void failing(Function<Message, SendOutcome.@Nullable Failed> failure) {
        this.failure = failure;
    }

    /** From now on, answers come this much later. */
    public synchronized void latency(Duration latency) {
        this.latency = latency;
    }

    /** Takes the broker down, or up again. */
    public synchronized void down(boolean down) {
        this.down = down;
    }

    @Override
    public String name() {
        return "recording";
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.KEY_ORDER);
    }

    @Override
    public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
        return messages.stream().map(this::send).toList();
    }

    private CompletableFuture<SendOutcome> send(Message message) {
        SendOutcome outcome;
        Duration wait;
        synchronized (this) {
            attempts++;
            wait = latency;
            outcome = outcome(message);
            if (outcome instanceof SendOutcome.Sent) {
                sent.add(message);
            }
            if (!wait.isZero()) {
                unanswered++;
                mostUnanswered = Math.max(mostUnanswered, unanswered);
            }
        }
        CompletableFuture<SendOutcome> answer = CompletableFuture.completedFuture(outcome);
        if (wait.isZero()) {
            return answer;
        }
        return answer.thenApplyAsync(
                late -> {
                    answered();
                    return late;
                },
                CompletableFuture.delayedExecutor(wait.toNanos(), TimeUnit.NANOSECONDS));
    }

    private SendOutcome outcome(Message message) {
        if (down) {
            return new SendOutcome.Failed(true, "the broker is down", null);
        }
        SendOutcome.Failed failed = failure.apply(message);
        return failed != null ? failed : new SendOutcome.Sent("recorded-" + sent.size());
    }

    @Override
    public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
        throw new TransportException("Cannot subscribe to '" + subscription.topic()
                + "': the recording transport only takes messages; read them with sent()");
    }

    @Override
    public void close() {
        // Nothing is held open.
    }
}
