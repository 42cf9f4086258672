package dev.tally.benchmarks.publisher;

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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A broker that is a counter in this process. */
final class SinkTransport implements Transport {

    private static final SendOutcome SENT = new SendOutcome.Sent("");
    private static final SendOutcome REFUSED = new SendOutcome.Failed(true, "the key is poisoned", null);

    private final Deliveries deliveries;
    private final String poisonedKey;
    private final Duration confirmAfter;

    /**
     * Creates it.
     *
     * @param poisonedKey messages of this key fail, each time; empty for none
     * @param confirmAfter how long a confirmation takes, without holding a thread; zero for at once
     */
    SinkTransport(Deliveries deliveries, String poisonedKey, Duration confirmAfter) {
        this.deliveries = deliveries;
        this.poisonedKey = poisonedKey;
        this.confirmAfter = confirmAfter;
    }

    @Override
    public String name() {
        return "sink";
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.KEY_ORDER);
    }

    @Override
    public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
        List<CompletableFuture<SendOutcome>> outcomes = new ArrayList<>(messages.size());
        for (Message message : messages) {
            outcomes.add(send(message));
        }
        return outcomes;
    }

    private CompletableFuture<SendOutcome> send(Message message) {
        SendOutcome outcome = SENT;
        if (!poisonedKey.isEmpty() && poisonedKey.equals(message.key())) {
            outcome = REFUSED;
        } else {
            deliveries.delivered(message.payload());
        }
        return confirmAfter.isZero()
                ? CompletableFuture.completedFuture(outcome)
                : new CompletableFuture<SendOutcome>()
                        .completeOnTimeout(outcome, confirmAfter.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
        throw new TransportException("Cannot subscribe to " + subscription.topic() + ": this transport only sends");
    }

    @Override
    public void close() {
        // nothing is held
    }
}
