package dev.tally.transport.pulsar;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.MessageIdAdv;

/**
 * What a consumer has received and the broker does not know to be settled. After a lost connection the broker delivers all
 * of it again; what is here need not be handled a second time. Thread-safe.
 *
 * <p>The broker learns of a batch when all of its messages are acknowledged, so until then all of them count as open.
 */
final class OpenMessages {

    /** A message, by the id with which it came first: that one knows what else of its batch is acknowledged. */
    static final class Open {

        private final MessageId id;
        private volatile boolean acknowledged;

        private Open(MessageId id) {
            this.id = id;
        }

        MessageId id() {
            return id;
        }

        /** Whether it is settled here, and only the broker's confirmation is missing. */
        boolean isAcknowledged() {
            return acknowledged;
        }

        void acknowledge() {
            acknowledged = true;
        }
    }

    private record Batch(long ledger, long entry, int partition) {}

    private final Map<MessageId, Open> byId = new HashMap<>();
    private final Map<Batch, Set<MessageId>> waiting = new HashMap<>();

    /**
     * A message came.
     *
     * @return what is open under its id; new if it came for the first time
     */
    synchronized Arrival arrived(MessageId id) {
        Open known = byId.get(id);
        if (known != null) {
            return new Arrival(known, false);
        }
        Open first = new Open(id);
        byId.put(id, first);
        return new Arrival(first, true);
    }

    /** What came, and whether for the first time. */
    record Arrival(Open message, boolean first) {}

    /** The client has answered that a message is acknowledged. */
    synchronized void confirmed(Open message) {
        MessageId id = message.id();
        if (!(id instanceof MessageIdAdv position) || position.getBatchIndex() < 0 || position.getAckSet() == null) {
            byId.remove(id, message);
            return;
        }
        Batch batch = new Batch(position.getLedgerId(), position.getEntryId(), position.getPartitionIndex());
        Set<MessageId> others = waiting.computeIfAbsent(batch, key -> new HashSet<>());
        others.add(id);
        if (position.getAckSet().isEmpty()) {
            others.forEach(byId::remove);
            waiting.remove(batch);
        }
    }

    /** For tests. */
    synchronized int size() {
        return byId.size();
    }
}
