package dev.tally.transport.redis;

import dev.tally.message.Message;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets the handler of a group begin only with what this member still has the lease of, and notes attempts, so that they
 * go on where another member takes over. Thread-safe.
 */
final class LeasedHandler implements BatchHandler {

    private final BatchHandler handler;
    private final boolean ordered;

    /** What the dispatcher has, by the message itself: two deliveries may have equal ones. */
    private final Map<Message, StreamDelivery> inHand = Collections.synchronizedMap(new IdentityHashMap<>());

    LeasedHandler(BatchHandler handler, boolean ordered) {
        this.handler = handler;
        this.ordered = ordered;
    }

    void arrived(Collection<StreamDelivery> deliveries) {
        deliveries.forEach(each -> inHand.put(each.received().message(), each));
    }

    void left(StreamDelivery delivery) {
        inHand.remove(delivery.received().message());
    }

    @Override
    public List<DeliveryOutcome> handle(List<ReceivedMessage> batch) {
        List<ReceivedMessage> leased = new ArrayList<>(batch.size());
        List<StreamDelivery> deliveries = new ArrayList<>(batch.size());
        List<Boolean> holds = new ArrayList<>(batch.size());
        for (ReceivedMessage received : batch) {
            StreamDelivery delivery = inHand.get(received.message());
            boolean held = delivery != null && delivery.origin().holds();
            holds.add(held);
            if (delivery != null && held) {
                leased.add(received);
                deliveries.add(delivery);
                delivery.began(received.attempt());
            }
        }
        List<DeliveryOutcome> handled = leased.isEmpty() ? List.of() : handler.handle(leased);
        note(leased, deliveries, handled);
        if (leased.size() == batch.size() || handled.size() != leased.size()) {
            return handled;
        }
        List<DeliveryOutcome> outcomes = new ArrayList<>(batch.size());
        int next = 0;
        for (boolean held : holds) {
            outcomes.add(held ? handled.get(next++) : new DeliveryOutcome.Later("its partition's lease has run out"));
        }
        return outcomes;
    }

    private void note(List<ReceivedMessage> batch, List<StreamDelivery> deliveries, List<DeliveryOutcome> outcomes) {
        Set<String> failedKeys = new HashSet<>();
        for (int i = 0; i < Math.min(batch.size(), outcomes.size()); i++) {
            DeliveryOutcome outcome = outcomes.get(i);
            int attempt = batch.get(i).attempt();
            if (outcome instanceof DeliveryOutcome.Delivered || outcome instanceof DeliveryOutcome.DeadLetter) {
                continue;
            }
            boolean first = failedKeys.add(chain(batch.get(i), i));
            if (first && outcome instanceof DeliveryOutcome.Retry) {
                deliveries.get(i).failed(attempt);
            } else {
                deliveries.get(i).didNotCount(attempt); // it could not be tried, or waited for one before it
            }
        }
    }

    private String chain(ReceivedMessage received, int index) {
        @Nullable String key = received.message().key();
        return ordered && key != null ? "key " + key : "one " + index;
    }
}
