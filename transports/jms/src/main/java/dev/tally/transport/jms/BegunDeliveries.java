package dev.tally.transport.jms;

import dev.tally.message.Message;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Knows which messages a handler has seen, so that those alone count as delivered when a member goes away: what has only
 * waited here has not used up an attempt. Thread-safe.
 */
final class BegunDeliveries implements BatchHandler {

    private final BatchHandler handler;
    private final Set<Message> begun = Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

    BegunDeliveries(BatchHandler handler) {
        this.handler = handler;
    }

    @Override
    public List<DeliveryOutcome> handle(List<ReceivedMessage> batch) {
        batch.forEach(each -> begun.add(each.message()));
        return handler.handle(batch);
    }

    boolean contains(Message message) {
        return begun.contains(message);
    }

    void forget(Message message) {
        begun.remove(message);
    }
}
