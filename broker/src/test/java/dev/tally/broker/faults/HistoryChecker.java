package dev.tally.broker.faults;

import dev.tally.broker.faults.History.Acknowledged;
import dev.tally.broker.faults.History.Delivery;
import dev.tally.broker.faults.History.Fate;
import dev.tally.broker.faults.History.KnownOffset;
import dev.tally.broker.faults.History.Place;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares what clients did and saw with what the broker holds at the end: every visible message, read by pulling all
 * queues when all transactions are decided and all consumers have caught up.
 */
final class HistoryChecker {

    /** What can be wrong. */
    enum Anomaly {
        /** Acknowledged, or committed by a producer that answers check-backs, and not there, or not where it was said. */
        LOST,
        /** Sent once, there twice. */
        DUPLICATED,
        /** One half message, two visible messages. */
        DOUBLE_COMMITTED,
        /** Visible or delivered, and never sent, altered, rolled back or never committed. */
        PHANTOM,
        /** Sent one after the other on one lane and stored otherwise, or skipped by a consumer that goes in order. */
        REORDERED,
        /** There, and never delivered to a group that consumes the topic. */
        UNDELIVERED,
        /** A committed offset that is smaller than it was before. */
        OFFSET_WENT_BACK
    }

    /** A visible message. */
    record Entry(Place place, long offset, String id) {}

    /** What was found, each finding as a line to read. */
    record Verdict(Map<Anomaly, List<String>> findings, long redeliveries) {

        List<String> of(Anomaly anomaly) {
            return findings.getOrDefault(anomaly, List.of());
        }

        /** One line with the number of findings of every kind. */
        String counts() {
            StringBuilder line = new StringBuilder();
            for (Anomaly anomaly : Anomaly.values()) {
                line.append(anomaly).append('=').append(of(anomaly).size()).append(' ');
            }
            return line.append("redeliveries=").append(redeliveries).toString();
        }
    }

    private final History history;
    private final List<Entry> entries;
    private final Map<String, List<Entry>> byId = new HashMap<>();
    private final Map<Anomaly, List<String>> findings = new EnumMap<>(Anomaly.class);

    private HistoryChecker(History history, List<Entry> entries) {
        this.history = history;
        this.entries = entries;
        entries.forEach(entry ->
                byId.computeIfAbsent(entry.id(), id -> new ArrayList<>()).add(entry));
    }

    /** Judges a history by the visible messages at its end. */
    static Verdict check(History history, List<Entry> entries) {
        HistoryChecker checker = new HistoryChecker(history, entries);
        checker.acknowledgedIsThere();
        checker.committedIsThere();
        checker.onceEach();
        checker.nothingElseIsThere();
        checker.lanesAreInOrder();
        checker.consumersWentInOrder();
        long redeliveries = checker.everythingIsDelivered();
        checker.offsetsOnlyGrow();
        return new Verdict(checker.findings, redeliveries);
    }

    /** What of {@code entries} has not come to each group that consumes it: a part of the judgement, for who waits for it. */
    static List<String> undelivered(History history, List<Entry> entries) {
        HistoryChecker checker = new HistoryChecker(history, entries);
        checker.everythingIsDelivered();
        return checker.findings.getOrDefault(Anomaly.UNDELIVERED, List.of());
    }

    private void report(Anomaly anomaly, String finding) {
        findings.computeIfAbsent(anomaly, a -> new ArrayList<>()).add(finding);
    }

    private void acknowledgedIsThere() {
        for (Acknowledged sent : history.acknowledged()) {
            boolean there = byId.getOrDefault(sent.id(), List.of()).stream()
                    .anyMatch(entry -> entry.place().equals(sent.place()) && entry.offset() == sent.offset());
            if (!there) {
                report(Anomaly.LOST, sent + " was acknowledged; visible is " + byId.getOrDefault(sent.id(), List.of()));
            }
        }
    }

    private void committedIsThere() {
        Map<String, Fate> fates = history.fates();
        for (String id : history.acknowledgedHalves()) {
            if (fates.get(id) == Fate.COMMITTED && !byId.containsKey(id)) {
                report(Anomaly.LOST, id + " was prepared and its transaction committed; it is not visible");
            }
        }
    }

    private void onceEach() {
        Map<String, Fate> fates = history.fates();
        byId.forEach((id, found) -> {
            if (found.size() > 1) {
                report(fates.containsKey(id) ? Anomaly.DOUBLE_COMMITTED : Anomaly.DUPLICATED, id + " is at " + found);
            }
        });
    }

    private void nothingElseIsThere() {
        Set<String> attempted = history.attempted();
        Map<String, Fate> fates = history.fates();
        for (Entry entry : entries) {
            if (!attempted.contains(entry.id())) {
                report(Anomaly.PHANTOM, entry + " was never sent like this");
            } else if (isHalf(entry.id(), fates) && fates.get(entry.id()) != Fate.COMMITTED) {
                report(Anomaly.PHANTOM, entry + " is visible; its transaction is " + fates.get(entry.id()));
            }
        }
        Set<Entry> visible = new HashSet<>(entries);
        for (Delivery delivery : history.deliveries()) {
            if (!visible.contains(new Entry(delivery.place(), delivery.offset(), delivery.id()))) {
                report(Anomaly.PHANTOM, delivery + " is not among the visible messages");
            }
        }
    }

    private boolean isHalf(String id, Map<String, Fate> fates) {
        return fates.containsKey(id) || history.acknowledgedHalves().contains(id);
    }

    private void lanesAreInOrder() {
        record Lane(String name, Place place) {}
        Map<Lane, Acknowledged> last = new HashMap<>();
        for (Acknowledged sent : history.acknowledged()) {
            Acknowledged before = last.put(new Lane(sent.lane(), sent.place()), sent);
            if (before != null && before.offset() >= sent.offset()) {
                report(Anomaly.REORDERED, sent + " was sent after " + before + " was acknowledged");
            }
        }
    }

    private void consumersWentInOrder() {
        record Reader(String group, Place place) {}
        Set<String> inOrder = history.consumingInOrder();
        Map<Reader, Long> furthest = new HashMap<>();
        for (Delivery delivery : history.deliveries()) {
            if (inOrder.contains(delivery.group())) {
                Reader reader = new Reader(delivery.group(), delivery.place());
                long next = furthest.getOrDefault(reader, -1L) + 1;
                if (delivery.offset() > next) {
                    report(Anomaly.REORDERED, delivery + " came when offset " + next + " was next");
                }
                furthest.merge(reader, delivery.offset(), Math::max);
            }
        }
    }

    private long everythingIsDelivered() {
        Map<String, Set<Entry>> gotten = new HashMap<>();
        long redeliveries = 0;
        for (Delivery delivery : history.deliveries()) {
            Entry entry = new Entry(delivery.place(), delivery.offset(), delivery.id());
            if (!gotten.computeIfAbsent(delivery.group(), g -> new HashSet<>()).add(entry)) {
                redeliveries++;
            }
        }
        history.topicsOfGroups().forEach((group, topics) -> {
            Set<Entry> got = gotten.getOrDefault(group, Set.of());
            for (Entry entry : entries) {
                if (topics.contains(entry.place().topic()) && !got.contains(entry)) {
                    report(Anomaly.UNDELIVERED, entry + " never came to group " + group);
                }
            }
        });
        return redeliveries;
    }

    private void offsetsOnlyGrow() {
        record Reader(String group, Place place) {}
        Map<Reader, Long> highest = new HashMap<>();
        for (KnownOffset known : history.offsets()) {
            Reader reader = new Reader(known.group(), known.place());
            long before = highest.getOrDefault(reader, 0L);
            if (known.offset() < before) {
                report(Anomaly.OFFSET_WENT_BACK, known + " after " + before);
            }
            highest.merge(reader, known.offset(), Math::max);
        }
    }
}
