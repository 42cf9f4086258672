package dev.tally.broker;

import dev.tally.broker.admin.Metric;
import dev.tally.broker.request.RequestCounts;
import dev.tally.broker.server.BrokerCore;
import dev.tally.broker.store.CommittedOffset;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.StoreStats;
import dev.tally.broker.store.TopicConfig;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The broker's numbers: some that are always there, and one for each topic, group and kind of request. */
final class BrokerMetrics {

    private static final String PREFIX = "tally_broker_";
    private static final double MILLIS = 1000.0;

    private final MessageStore store;
    private final BrokerCore core;
    private final Supplier<Edge> edge;

    /** What is known at the sockets. */
    record Edge(
            int connections, long refusedConnections, long pendingBytes, long refusedRequests, long certificateEnds) {}

    BrokerMetrics(MessageStore store, BrokerCore core, Supplier<Edge> edge) {
        this.store = store;
        this.core = core;
        this.edge = edge;
    }

    /** Everything. */
    List<Metric> all() {
        List<Metric> all = new ArrayList<>(fixed());
        requests(all::add);
        topics(all::add);
        groups(all::add);
        process(all::add);
        return all;
    }

    /** Those that are there whatever topics and groups there are. */
    List<Metric> fixed() {
        List<Metric> fixed = new ArrayList<>();
        Edge now = edge.get();
        fixed.add(metric("connections", "Connections that stand.", now.connections));
        fixed.add(metric(
                "connections_refused_total",
                "Connections closed at once because there were too many.",
                now.refusedConnections));
        fixed.add(metric("pending_write_bytes", "Bytes that wait for clients to take them.", now.pendingBytes));
        fixed.add(metric("access_refused_total", "Requests that the account file did not allow.", now.refusedRequests));
        if (now.certificateEnds > 0) {
            fixed.add(metric(
                    "tls_certificate_end_seconds",
                    "When the certificate ends, in epoch seconds.",
                    now.certificateEnds));
        }
        fixed.add(metric("held_pulls", "Pulls that wait for messages.", core.heldPulls()));
        fixed.add(metric("repeated_sends_total", "Sends recognised as repeats.", core.repeatedSends()));
        fixed.add(metric(
                "storage_state",
                "0: takes messages, 1: refuses new ones, 2: failed, only a restart helps.",
                switch (core.storage().state()) {
                    case OK -> 0;
                    case REFUSING -> 1;
                    case FAILED -> 2;
                }));
        StoreStats stats = store.stats();
        fixed.add(metric("messages_total", "Messages that became visible.", stats.messages()));
        fixed.add(metric("half_messages_total", "Half messages prepared.", stats.halves()));
        decisions(stats, fixed::add);
        fixed.add(metric("undecided", "Half messages that nobody decided yet.", stats.undecided()));
        fixed.add(metric("parked", "Half messages given up on until somebody decides.", stats.parked()));
        fixed.add(metric("scheduled", "Delayed messages not yet due.", stats.scheduled()));
        fixed.add(metric("log_bytes", "Bytes of the log.", stats.logBytes()));
        fixed.add(metric("log_pinned_bytes", "Bytes of expired segments that are still needed.", stats.pinnedBytes()));
        fixed.add(metric("copied_messages_total", "Messages copied out of removed segments.", stats.copiedMessages()));
        fixed.add(metric("snapshot_failures_total", "Snapshots that could not be taken.", stats.snapshotFailures()));
        fixed.add(metric("checks_delivered_total", "Check-backs delivered to producers.", stats.checksDelivered()));
        fixed.add(
                metric("decision_conflicts_total", "Decisions refused because the opposite stood.", stats.conflicts()));
        return fixed;
    }

    private static Metric metric(String name, String help, long value) {
        return Metric.of(PREFIX + name, help, (double) value);
    }

    private static void decisions(StoreStats stats, Consumer<Metric> to) {
        decision(to, "commit", "producer", stats.committedByProducer());
        decision(to, "commit", "check_back", stats.committedByCheckBack());
        decision(to, "rollback", "producer", stats.rolledBackByProducer());
        decision(to, "rollback", "check_back", stats.rolledBackByCheckBack());
        decision(to, "any", "operator", stats.decidedByOperator());
    }

    private static void decision(Consumer<Metric> to, String decision, String by, long count) {
        to.accept(new Metric(
                PREFIX + "decisions_total",
                "Half messages decided, and by whom.",
                Map.of("decision", decision, "by", by),
                count));
    }

    private void requests(Consumer<Metric> to) {
        for (RequestCounts.Count count : core.requests().all()) {
            to.accept(new Metric(
                    PREFIX + "requests_total",
                    "Requests by request code and response code; -1: codes that are not known.",
                    Map.of("code", String.valueOf(count.code()), "result", String.valueOf(count.result())),
                    count.requests()));
        }
    }

    private void topics(Consumer<Metric> to) {
        store.topics().stream().sorted(Comparator.comparing(TopicConfig::name)).forEach(topic -> {
            long messages = 0;
            for (int queue = 0; queue < Math.max(topic.readQueues(), topic.writeQueues()); queue++) {
                messages += store.maxOffset(topic.name(), queue);
            }
            to.accept(new Metric(
                    PREFIX + "topic_messages_total",
                    "Messages that became visible, by topic.",
                    Map.of("topic", topic.name()),
                    messages));
        });
    }

    private void groups(Consumer<Metric> to) {
        TreeSet<String> names = new TreeSet<>(core.consumerGroupsOnline());
        store.groups().forEach(group -> names.add(group.name()));
        for (String group : names) {
            to.accept(new Metric(
                    PREFIX + "group_members",
                    "Members of a consumer group that are connected.",
                    Map.of("group", group),
                    core.consumerIds(group).size()));
            Map<String, Long> lags = new TreeMap<>();
            for (CommittedOffset committed : store.committedOffsets(group)) {
                long behind = store.maxOffset(committed.topic(), committed.queueId()) - committed.offset();
                lags.merge(committed.topic(), Math.max(0, behind), Long::sum);
            }
            lags.forEach((topic, lag) -> to.accept(new Metric(
                    PREFIX + "group_lag",
                    "Messages of a topic that a consumer group has not consumed, in the queues that it committed.",
                    Map.of("group", group, "topic", topic),
                    lag)));
        }
    }

    private static void process(Consumer<Metric> to) {
        var memory = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        to.accept(Metric.of("jvm_heap_used_bytes", "Heap in use.", (double) memory.getUsed()));
        to.accept(Metric.of("jvm_heap_max_bytes", "Heap at most.", (double) memory.getMax()));
        to.accept(Metric.of(
                "jvm_threads",
                "Live threads.",
                ManagementFactory.getThreadMXBean().getThreadCount()));
        double collecting = ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(collector -> Math.max(0, collector.getCollectionTime()))
                .sum();
        to.accept(Metric.of("jvm_gc_seconds_total", "Time spent collecting garbage.", collecting / MILLIS));
        to.accept(Metric.of(
                "process_uptime_seconds",
                "Time since the process started.",
                ManagementFactory.getRuntimeMXBean().getUptime() / MILLIS));
    }
}
