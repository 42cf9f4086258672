package dev.tally.broker.client;

import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Offsets that a person set for consumers that are online, and of which these do not know yet. Until a consumer's next
 * pull tells it, what it commits of that queue is from before the reset, and is not taken. Thread-safe.
 *
 * <p>Not kept over a restart: the offset itself is in the log, but a consumer that survives the broker then goes on from
 * where it was.
 */
public final class OffsetResets {

    private final Clients clients;
    private final ConcurrentMap<Place, Long> pending = new ConcurrentHashMap<>();

    /** @param clients says which groups are online: one that starts later finds the offset in the store */
    public OffsetResets(Clients clients) {
        this.clients = clients;
    }

    private record Place(String group, String topic, int queueId) {}

    /** The group's consumers are to go on from there. */
    public void set(String group, String topic, int queueId, long offset) {
        pending.put(new Place(group, topic, queueId), offset);
    }

    /** The reset could not be made durable. */
    public void forget(String group, String topic, int queueId) {
        pending.remove(new Place(group, topic, queueId));
    }

    /** Whether consumers of the group do not know yet that their offset was reset. */
    public boolean pending(String group, String topic, int queueId) {
        Place place = new Place(group, topic, queueId);
        if (pending.isEmpty() || !pending.containsKey(place)) {
            return false;
        }
        if (clients.consumerConnections(group).isEmpty()) {
            pending.remove(place);
            return false;
        }
        return true;
    }

    /** Where a consumer that pulls is to go on, once for each reset; empty where it just goes on. */
    public OptionalLong take(String group, String topic, int queueId) {
        Long offset = pending.isEmpty() ? null : pending.remove(new Place(group, topic, queueId));
        return offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
    }
}
