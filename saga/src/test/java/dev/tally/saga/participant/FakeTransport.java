package dev.tally.saga.participant;

import dev.tally.message.Message;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Capability;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Remembers what was subscribed. */
final class FakeTransport implements Transport {

    final Map<Subscription, BatchHandler> subscribed = new LinkedHashMap<>();
    final List<Subscription> closed = new ArrayList<>();
    Set<Capability> capabilities = Set.of(Capability.KEY_ORDER);

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public Set<Capability> capabilities() {
        return capabilities;
    }

    @Override
    public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
        return List.of();
    }

    @Override
    public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
        subscribed.put(subscription, handler);
        return () -> closed.add(subscription);
    }

    @Override
    public void close() {}
}
