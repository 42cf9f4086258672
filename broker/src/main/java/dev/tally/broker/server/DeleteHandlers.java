package dev.tally.broker.server;

import dev.tally.broker.client.Clients;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.SystemTopics;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.store.CommittedOffset;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.topic.GroupTopics;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes topics and consumer groups, where nobody loses anything that they were promised.
 *
 * <ol>
 *   <li>Never what belongs to the protocol, nor a group's own topics while the group exists.
 *   <li>Not while something is pending: undecided half messages, delayed messages, consumers that are online, retries that
 *       were not consumed. The answer names what it is; whoever wants the deletion ends that first.
 *   <li>The store judges half messages and delays once more, in log order: one that comes with the deletion wins.
 * </ol>
 *
 * A group takes its retry topic with it, which is consumed by then; its dead letters stay until they are deleted by name.
 */
final class DeleteHandlers {

    private static final Logger log = LoggerFactory.getLogger(DeleteHandlers.class);
    private static final String SYSTEM_GROUP_PREFIX = "CID_RMQ_SYS_";

    private final MessageStore store;
    private final ServerSettings settings;
    private final Clients clients;
    private final Executor reads;

    DeleteHandlers(MessageStore store, ServerSettings settings, Clients clients, Executor reads) {
        this.store = store;
        this.settings = settings;
        this.clients = clients;
        this.reads = reads;
    }

    /** Counting what is pending may take a while with many, so it is done on the readers. */
    CompletableFuture<Answer> topic(Connection connection, Command request) {
        String name = request.fields().requiredText("topic");
        return CompletableFuture.completedFuture(name).thenComposeAsync(this::deleteTopic, reads);
    }

    /**
     * Name servers forget routes that brokers tell them again half a minute later. Here both are one: the route is the
     * topic's, and goes with it.
     */
    CompletableFuture<Answer> route(Connection connection, Command request) {
        request.fields().requiredText("topic");
        return CompletableFuture.completedFuture(Answer.ok());
    }

    CompletableFuture<Answer> group(Connection connection, Command request) {
        String name = request.fields().requiredText("groupName");
        boolean offsets = request.fields().flag("cleanOffset", false);
        return CompletableFuture.completedFuture(name).thenComposeAsync(group -> deleteGroup(group, offsets), reads);
    }

    private CompletableFuture<Answer> deleteTopic(String name) {
        String obstacle = systemTopic(name);
        if (obstacle == null) {
            obstacle = pending(name);
        }
        if (obstacle != null) {
            return CompletableFuture.completedFuture(refused("topic", name, obstacle));
        }
        return store.deleteTopic(name).thenApply(gone -> answer("topic", name, gone));
    }

    private @Nullable String systemTopic(String name) {
        if (SystemTopics.WITHOUT_PREFIX.contains(name)
                || name.startsWith(SystemTopics.PREFIX)
                || name.equals(settings.brokerName())
                || name.equals(settings.cluster())) {
            return "it belongs to the protocol";
        }
        String group = GroupTopics.groupOf(name);
        return group != null && store.group(group) != null
                ? "it belongs to consumer group " + group + ", which exists; delete the group first"
                : null;
    }

    private @Nullable String pending(String topic) {
        List<String> online = clients.groupsSubscribedTo(topic);
        if (!online.isEmpty()) {
            return "consumers of " + online + " subscribe to it and are online";
        }
        MessageStore.Pending pending = store.pendingOf(topic);
        return pending.nothing()
                ? null
                : pending.halves() + " undecided half messages and " + pending.delayed()
                        + " delayed messages are for it";
    }

    private CompletableFuture<Answer> deleteGroup(String group, boolean offsets) {
        String obstacle = group.startsWith(SYSTEM_GROUP_PREFIX) ? "it belongs to the protocol" : pendingOfGroup(group);
        if (obstacle != null) {
            return CompletableFuture.completedFuture(refused("group", group, obstacle));
        }
        // The retry topic first: a group without one gets it with its next member, a retry topic without a group is
        // litter.
        return store.deleteTopic(GroupTopics.retry(group))
                .thenCompose(
                        gone -> gone ? store.deleteGroup(group, offsets) : CompletableFuture.completedFuture(false))
                .thenApply(gone -> answer("group", group, gone));
    }

    private @Nullable String pendingOfGroup(String group) {
        List<String> members = clients.consumerIds(group);
        if (!members.isEmpty()) {
            return "its members " + members + " are online";
        }
        int halves = store.undecidedOf(group);
        if (halves > 0) {
            return halves + " half messages are its to decide";
        }
        int delayed = store.pendingOf(GroupTopics.retry(group)).delayed();
        long waiting = delayed + unconsumed(group, store.topic(GroupTopics.retry(group))) + popped(group);
        return waiting > 0 ? waiting + " messages wait to be delivered to it again" : null;
    }

    /** What the group popped and did not acknowledge: still with a consumer, or waiting to be popped again. */
    private long popped(String group) {
        long count = 0;
        Set<String> topics = new HashSet<>();
        for (CommittedOffset progress : store.committedOffsets(group)) {
            if (!GroupTopics.isRetry(progress.topic())) {
                count += store.poppedInFlight(group, progress.topic(), progress.queueId());
                topics.add(GroupTopics.popRetry(group, progress.topic()));
            }
        }
        for (String retries : topics) {
            count += unconsumed(group, store.topic(retries));
        }
        return count;
    }

    private long unconsumed(String group, @Nullable TopicConfig retries) {
        long count = 0;
        for (int queue = 0; retries != null && queue < retries.readQueues(); queue++) {
            OptionalLong committed = store.committedOffset(group, retries.name(), queue);
            long next = committed.orElse(store.minOffset(retries.name(), queue));
            count += Math.max(0, store.maxOffset(retries.name(), queue) - next);
        }
        return count;
    }

    private static Answer answer(String what, String name, boolean gone) {
        if (!gone) {
            return refused(what, name, "something of it became pending in this moment");
        }
        log.info("Deleted; what={} name={}", what, name);
        return Answer.ok();
    }

    private static Answer refused(String what, String name, String obstacle) {
        return Answer.refused(
                ResponseCode.ILLEGAL_OPERATION,
                "Cannot delete " + what + " " + name + ": " + obstacle + "; nothing changed");
    }
}
