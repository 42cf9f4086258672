package dev.tally.broker.transfer;

import dev.tally.broker.protocol.SystemTopics;
import dev.tally.broker.topic.GroupTopics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * Which groups and queues are copied, and where to. Creates at the target what is not there. Can be made again while a
 * copy runs: then what has come into being since is added.
 */
final class Plan {

    private static final int WRITE = 2;

    private static final Set<String> OWN_GROUPS = Set.of(
            "DEFAULT_PRODUCER",
            "DEFAULT_CONSUMER",
            "TOOLS_CONSUMER",
            "SCHEDULE_CONSUMER",
            "FILTERSRV_CONSUMER",
            "__MONITOR_CONSUMER",
            "CLIENT_INNER_PRODUCER",
            "SELF_TEST_P_GROUP",
            "SELF_TEST_C_GROUP",
            "CID_ONS-HTTP-PROXY",
            "CID_ONSAPI_PERMISSION",
            "CID_ONSAPI_OWNER",
            "CID_ONSAPI_PULL",
            "CID_SYS_RMQ_TRANS");

    private final CopyOptions options;
    private final Site from;
    private final Map<String, Node> sources;
    private final Node target;
    private final CopyState state;
    private final SendRules rules;
    private final BooleanSupplier halted;
    private final Consumer<String> notes;
    private final Set<String> groups = new TreeSet<>();
    private final Set<String> planned = new HashSet<>();
    private final List<QueueCopy> queues = new ArrayList<>();

    Plan(
            CopyOptions options,
            Site from,
            Map<String, Node> sources,
            Node target,
            CopyState state,
            SendRules rules,
            BooleanSupplier halted,
            Consumer<String> notes) {
        this.options = options;
        this.from = from;
        this.sources = sources;
        this.target = target;
        this.state = state;
        this.rules = rules;
        this.halted = halted;
        this.notes = notes;
    }

    Set<String> groups() {
        return groups;
    }

    List<QueueCopy> queues() {
        return queues;
    }

    /** Finds what there is to copy, and makes room for it at the target. */
    void refresh() throws IOException {
        Collection<String> existing = from.topics();
        Set<String> wanted = wantedTopics(existing);
        addGroups();
        wanted.addAll(topicsOfGroups(existing, wanted));
        for (String topic : wanted) {
            if (planned.add(topic)) {
                addTopic(topic);
            }
        }
        // Before anything is sent: where each target queue ended is what a later run needs to know.
        state.save();
    }

    private Set<String> wantedTopics(Collection<String> existing) throws IOException {
        Set<String> wanted = new TreeSet<>(options.topics());
        List<String> unknown =
                wanted.stream().filter(topic -> !existing.contains(topic)).toList();
        if (!unknown.isEmpty()) {
            throw new CopyFailedException(
                    "Topics that " + from.nameServer() + " does not have: " + unknown + ". Nothing was copied");
        }
        if (options.allTopics()) {
            Set<String> names = from.ownNames();
            existing.stream()
                    .filter(topic -> !names.contains(topic) && !isOfBroker(topic) && !GroupTopics.isOfGroup(topic))
                    .forEach(wanted::add);
        }
        return wanted;
    }

    private static boolean isOfBroker(String topic) {
        return SystemTopics.WITHOUT_PREFIX.contains(topic)
                || topic.regionMatches(true, 0, SystemTopics.PREFIX, 0, SystemTopics.PREFIX.length())
                || topic.endsWith(SystemTopics.REPLY_SUFFIX);
    }

    private void addGroups() throws IOException {
        if (options.groups().isEmpty() && !options.allGroups()) {
            return;
        }
        Map<String, JsonNode> known = new TreeMap<>();
        for (Node source : sources.values()) {
            source.groups().forEach(known::putIfAbsent);
        }
        Set<String> wanted = new TreeSet<>(options.groups());
        List<String> unknown =
                wanted.stream().filter(group -> !known.containsKey(group)).toList();
        if (!unknown.isEmpty()) {
            throw new CopyFailedException("Consumer groups that " + from.nameServer() + " does not have: " + unknown
                    + ". Nothing was copied");
        }
        if (options.allGroups()) {
            known.keySet().stream()
                    .filter(group -> !OWN_GROUPS.contains(group) && !group.startsWith(GroupTopics.SYSTEM_GROUP_PREFIX))
                    .forEach(wanted::add);
        }
        wanted.removeAll(groups);
        if (wanted.isEmpty()) {
            return;
        }
        Set<String> there = target.groups().keySet();
        for (String group : wanted) {
            JsonNode config = known.get(group);
            if (!there.contains(group) && config != null) {
                target.createGroup(group, Node.json(config));
            }
            groups.add(group);
        }
    }

    /** Retries, those of consumers that pop, and dead letters. */
    private Set<String> topicsOfGroups(Collection<String> existing, Set<String> topics) {
        Set<String> possible = new HashSet<>();
        for (String group : groups) {
            possible.add(GroupTopics.retry(group));
            possible.add(GroupTopics.deadLetter(group));
            for (String topic : topics) {
                possible.add(GroupTopics.popRetry(group, topic));
                possible.add(GroupTopics.retry(group) + "+" + topic);
            }
        }
        Set<String> found = new TreeSet<>(existing);
        found.retainAll(possible);
        return found;
    }

    /** Brokers of the source get the target's queues one after the other; with one broker, queue numbers stay. */
    private void addTopic(String topic) throws IOException {
        Map<String, JsonNode> configs = new TreeMap<>();
        int total = 0;
        for (Node source : sources.values()) {
            JsonNode config = source.topicConfig(topic);
            if (config != null) {
                configs.put(source.name(), config);
                total += queuesOf(config);
            }
        }
        String targetTopic = targetName(topic);
        ensureTopic(targetTopic, configs.values(), total);
        int base = 0;
        for (Map.Entry<String, JsonNode> config : configs.entrySet()) {
            Node source = sources.get(config.getKey());
            int count = queuesOf(config.getValue());
            for (int queue = 0; source != null && queue < count; queue++) {
                QueueState.Key key = new QueueState.Key(source.name(), topic, queue);
                queues.add(
                        new QueueCopy(stateOf(key, source, targetTopic, base + queue), source, target, rules, halted));
            }
            base += count;
        }
    }

    private QueueState stateOf(QueueState.Key key, Node source, String targetTopic, int targetQueue)
            throws IOException {
        QueueState known = state.queue(key);
        if (known == null) {
            QueueState made = new QueueState(
                    key,
                    targetTopic,
                    targetQueue,
                    source.minOffset(key.topic(), key.queue()),
                    target.maxOffset(targetTopic, targetQueue));
            state.add(made);
            return made;
        }
        if (known.targetQueue() != targetQueue) {
            throw new CopyFailedException("The state file says that " + known + " goes to queue " + known.targetQueue()
                    + ", but now it would go to " + targetQueue
                    + ": the source's brokers or queue counts changed. Name another state file");
        }
        return known;
    }

    /** Newer brokers separate group and topic by a sign that not every broker allows in names. */
    private String targetName(String topic) {
        for (String group : groups) {
            String prefix = GroupTopics.retry(group) + "+";
            if (topic.startsWith(prefix)) {
                return GroupTopics.popRetry(group, topic.substring(prefix.length()));
            }
        }
        return topic;
    }

    private static int queuesOf(JsonNode config) {
        return Math.max(
                config.path("readQueueNums").asInt(1),
                config.path("writeQueueNums").asInt(1));
    }

    private void ensureTopic(String topic, Collection<JsonNode> configs, int queueCount) throws IOException {
        JsonNode first = configs.stream().findFirst().orElse(null);
        if (first == null) {
            throw new CopyFailedException(
                    "Topic " + topic + " is known to " + from.nameServer() + ", but no master has it");
        }
        JsonNode there = target.topicConfig(topic);
        if (there == null) {
            create(topic, first, queueCount);
        } else if (there.path("writeQueueNums").asInt(0) < queueCount) {
            if (!GroupTopics.isOfGroup(topic)) {
                throw new CopyFailedException("Topic " + topic + " has "
                        + there.path("writeQueueNums").asInt(0) + " write queues at the target and needs "
                        + queueCount + "; give it as many, or delete it there. Nothing of it was copied");
            }
            create(topic, there, queueCount);
        }
    }

    private void create(String topic, JsonNode like, int queueCount) throws IOException {
        int perm = like.path("perm").asInt(GroupTopics.READ_WRITE);
        if ((perm & WRITE) == 0) {
            notes.accept("topic " + topic + " is not writable at the source (permission " + perm
                    + "); at the target it was created writable");
        }
        int sysFlag = like.path("topicSysFlag").asInt(0);
        boolean order = like.path("order").asBoolean(false);
        String attributes = attributes(like);
        try {
            target.createTopic(topic, queueCount, perm | WRITE, sysFlag, order, attributes);
        } catch (RefusedException e) {
            if (attributes.isEmpty()) {
                throw e;
            }
            target.createTopic(topic, queueCount, perm | WRITE, sysFlag, order, "");
            notes.accept("topic " + topic + " was created without its attributes " + attributes
                    + ", which the target does not take: " + e.getMessage());
        }
    }

    private static String attributes(JsonNode config) {
        List<String> changes = new ArrayList<>();
        config.path("attributes").properties().forEach(attribute -> {
            String name = attribute.getKey();
            changes.add((name.startsWith("+") ? "" : "+") + name + "="
                    + attribute.getValue().asString(""));
        });
        return String.join(",", changes);
    }
}
