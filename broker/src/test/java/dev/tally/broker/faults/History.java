package dev.tally.broker.faults;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What clients did to a broker and what they saw of it, while it was killed again and again. Every id is sent once and
 * never retried, so whatever is there twice is the broker's work. Thread-safe.
 */
final class History {

    /** A queue of a topic. */
    record Place(String topic, int queueId) {}

    /**
     * A send that was acknowledged.
     *
     * @param lane what was sent on one lane was sent one after the other: each after the acknowledgement before it
     */
    record Acknowledged(String id, String lane, Place place, long offset) {}

    /** What the local transaction of a half message came to. */
    enum Fate {
        COMMITTED,
        ROLLED_BACK
    }

    /** A message that a consumer of a group got. */
    record Delivery(String group, Place place, long offset, String id) {}

    /** An offset of which the broker said that a group has committed it, by acknowledging or by answering. */
    record KnownOffset(String group, Place place, long offset) {}

    private final Set<String> attempted = new HashSet<>();
    private final List<Acknowledged> acknowledged = new ArrayList<>();
    private final Map<String, Fate> fates = new HashMap<>();
    private final Set<String> acknowledgedHalves = new HashSet<>();
    private final List<Delivery> deliveries = new ArrayList<>();
    private final List<KnownOffset> offsets = new ArrayList<>();
    private final Map<String, Set<String>> topicsOfGroups = new HashMap<>();
    private final Set<String> inOrder = new HashSet<>();

    /** A message is about to be sent. */
    synchronized void attempted(String id) {
        attempted.add(id);
    }

    /** The broker acknowledged a message. */
    synchronized void acknowledged(String id, String lane, Place place, long offset) {
        acknowledged.add(new Acknowledged(id, lane, place, offset));
    }

    /** The broker acknowledged a half message. */
    synchronized void halfAcknowledged(String id) {
        acknowledgedHalves.add(id);
    }

    /** The local transaction of a half message wants to end like this; answers how it ended: the first call decides. */
    synchronized Fate decide(String id, Fate wanted) {
        Fate before = fates.putIfAbsent(id, wanted);
        return before == null ? wanted : before;
    }

    /** A group consumes topics. */
    synchronized void consumes(String group, boolean orderly, String... topics) {
        topicsOfGroups.put(group, Set.of(topics));
        if (orderly) {
            inOrder.add(group);
        }
    }

    synchronized void delivered(String group, Place place, long offset, String id) {
        deliveries.add(new Delivery(group, place, offset, id));
    }

    /** To be called for one group by one thread, so that the order of calls is the order of answers. */
    synchronized void offsetKnown(String group, Place place, long offset) {
        offsets.add(new KnownOffset(group, place, offset));
    }

    synchronized Set<String> attempted() {
        return Set.copyOf(attempted);
    }

    synchronized List<Acknowledged> acknowledged() {
        return List.copyOf(acknowledged);
    }

    synchronized int acknowledgedCount() {
        return acknowledged.size() + acknowledgedHalves.size();
    }

    synchronized Map<String, Fate> fates() {
        return Map.copyOf(fates);
    }

    synchronized Set<String> acknowledgedHalves() {
        return Set.copyOf(acknowledgedHalves);
    }

    synchronized List<Delivery> deliveries() {
        return List.copyOf(deliveries);
    }

    synchronized List<KnownOffset> offsets() {
        return List.copyOf(offsets);
    }

    synchronized Map<String, Set<String>> topicsOfGroups() {
        return Map.copyOf(topicsOfGroups);
    }

    synchronized Set<String> consumingInOrder() {
        return Set.copyOf(inOrder);
    }
}
