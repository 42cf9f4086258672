package dev.tally.broker.client;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Heartbeat;
import dev.tally.broker.protocol.Subscription;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected: members of producer and consumer groups, from their heartbeats. Each member keeps its own
 * subscriptions, so that members of one group that disagree do not overwrite each other. Thread-safe.
 */
public final class Clients {

    /** Clients send a heartbeat every 30 seconds; one that missed two is not asked for decisions. */
    private static final Duration FRESH = Duration.ofSeconds(65);

    private final InstantSource clock;
    private final Map<String, Map<Connection, Producer>> producers = new HashMap<>();
    private final Map<String, Map<Connection, Consumer>> consumers = new HashMap<>();
    private final Map<String, Integer> turns = new HashMap<>();
    /** Of each client that produces, where it was heard last. */
    private final Map<String, Connection> producersById = new HashMap<>();

    public Clients(InstantSource clock) {
        this.clock = clock;
    }

    private record Producer(String clientId, long seenAtMillis) {}

    private record Consumer(String clientId, Map<String, Subscription> subscriptions) {}

    /**
     * What a heartbeat changed.
     *
     * @param changedGroups consumer groups that got a member or whose member subscribes to other topics now
     * @param subscriptionsMissing whether the client left its subscriptions out and they are not known here
     */
    public record Registered(List<String> changedGroups, boolean subscriptionsMissing) {}

    public synchronized Registered heartbeat(Connection connection, Heartbeat heartbeat) {
        Producer producer = new Producer(heartbeat.clientId(), clock.millis());
        if (!heartbeat.producerGroups().isEmpty()) {
            producersById.put(heartbeat.clientId(), connection);
        }
        heartbeat.producerGroups().forEach(group -> producers
                .computeIfAbsent(group, g -> new LinkedHashMap<>())
                .put(connection, producer));
        List<String> changed = new ArrayList<>();
        boolean missing = false;
        for (Heartbeat.Consumer membership : heartbeat.consumers()) {
            Map<Connection, Consumer> members =
                    consumers.computeIfAbsent(membership.group(), g -> new LinkedHashMap<>());
            Consumer before = members.get(connection);
            Map<String, Subscription> subscriptions;
            if (heartbeat.withoutSubscriptions()) {
                missing |= before == null;
                subscriptions = before == null ? Map.of() : before.subscriptions;
            } else {
                subscriptions = byTopic(membership.subscriptions());
            }
            members.put(connection, new Consumer(heartbeat.clientId(), subscriptions));
            if (before == null || !before.subscriptions.keySet().equals(subscriptions.keySet())) {
                changed.add(membership.group());
            }
        }
        return new Registered(changed, missing);
    }

    /** A client leaves groups; answers whether its consumer group changed. */
    public synchronized boolean leave(
            Connection connection, @Nullable String producerGroup, @Nullable String consumerGroup) {
        if (producerGroup != null) {
            remove(producers, producerGroup, connection);
        }
        return consumerGroup != null && remove(consumers, consumerGroup, connection);
    }

    /** A connection is gone; answers the consumer groups that lost a member. */
    public synchronized List<String> gone(Connection connection) {
        List.copyOf(producers.keySet()).forEach(group -> remove(producers, group, connection));
        producersById.values().removeIf(known -> known == connection);
        return List.copyOf(consumers.keySet()).stream()
                .filter(group -> remove(consumers, group, connection))
                .toList();
    }

    /** The ids of a consumer group's members, sorted. */
    public synchronized List<String> consumerIds(String group) {
        TreeSet<String> ids = new TreeSet<>();
        consumers.getOrDefault(group, Map.of()).values().forEach(member -> ids.add(member.clientId));
        return List.copyOf(ids);
    }

    /** The connections of a consumer group. */
    public synchronized List<Connection> consumerConnections(String group) {
        return List.copyOf(consumers.getOrDefault(group, Map.of()).keySet());
    }

    /** Consumer groups with members, sorted. */
    public synchronized List<String> consumerGroups() {
        return consumers.keySet().stream().sorted().toList();
    }

    /** Consumer groups of which a member subscribes to a topic. */
    public synchronized List<String> groupsSubscribedTo(String topic) {
        return consumers.entrySet().stream()
                .filter(group ->
                        group.getValue().values().stream().anyMatch(member -> member.subscriptions.containsKey(topic)))
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * The subscription by which a pull is filtered: the puller's own, else the newest of its group; {@code null} where
     * nobody of the group subscribes to that topic.
     */
    public synchronized @Nullable Subscription subscription(Connection connection, String group, String topic) {
        Map<Connection, Consumer> members = consumers.getOrDefault(group, Map.of());
        Consumer own = members.get(connection);
        Subscription mine = own == null ? null : own.subscriptions.get(topic);
        if (mine != null) {
            return mine;
        }
        return members.values().stream()
                .map(member -> member.subscriptions.get(topic))
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .max(Comparator.comparingLong(Subscription::version))
                .orElse(null);
    }

    /** The producers of a group that may be asked, beginning with another one each time. */
    public synchronized List<Connection> producers(String group) {
        long oldest = clock.millis() - FRESH.toMillis();
        List<Connection> online = producers.getOrDefault(group, Map.of()).entrySet().stream()
                .filter(member -> member.getKey().open() && member.getValue().seenAtMillis >= oldest)
                .map(Map.Entry::getKey)
                .toList();
        if (online.size() <= 1) {
            return online;
        }
        List<Connection> inTurn = new ArrayList<>(online);
        Collections.rotate(inTurn, turns.merge(group, 1, Integer::sum));
        return inTurn;
    }

    /** The connection of a client that produces, {@code null} where none stands. */
    public synchronized @Nullable Connection producerConnection(String clientId) {
        Connection connection = producersById.get(clientId);
        return connection != null && connection.open() ? connection : null;
    }

    private boolean remove(Map<String, ? extends Map<Connection, ?>> groups, String group, Connection connection) {
        Map<Connection, ?> members = groups.get(group);
        if (members == null || members.remove(connection) == null) {
            return false;
        }
        if (members.isEmpty()) {
            groups.remove(group);
            turns.remove(group);
        }
        return true;
    }

    private static Map<String, Subscription> byTopic(List<Subscription> subscriptions) {
        Map<String, Subscription> byTopic = new HashMap<>();
        subscriptions.forEach(subscription -> byTopic.put(subscription.topic(), subscription));
        return byTopic;
    }

    /** The members of a consumer group: the connection of each, and its client id. */
    public synchronized Map<Connection, String> consumerMembers(String group) {
        Map<Connection, String> members = new LinkedHashMap<>();
        consumers
                .getOrDefault(group, Map.of())
                .forEach((connection, member) -> members.put(connection, member.clientId));
        return members;
    }

    /** The members of a producer group: the connection of each, and its client id. */
    public synchronized Map<Connection, String> producerMembers(String group) {
        Map<Connection, String> members = new LinkedHashMap<>();
        producers
                .getOrDefault(group, Map.of())
                .forEach((connection, member) -> members.put(connection, member.clientId));
        return members;
    }

    /** Producer groups with members, sorted. */
    public synchronized List<String> producerGroups() {
        return producers.keySet().stream().sorted().toList();
    }

    /** What a consumer group subscribes to by topic, the newest of each. */
    public synchronized Map<String, Subscription> subscriptions(String group) {
        Map<String, Subscription> newest = new HashMap<>();
        consumers
                .getOrDefault(group, Map.of())
                .values()
                .forEach(member -> member.subscriptions.forEach((topic, subscription) -> newest.merge(
                        topic, subscription, (one, other) -> one.version() >= other.version() ? one : other)));
        return newest;
    }
}
