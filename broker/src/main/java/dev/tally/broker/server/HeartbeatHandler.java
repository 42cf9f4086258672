package dev.tally.broker.server;

import dev.tally.broker.client.Clients;
import dev.tally.broker.client.ConsumerNotifier;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.Heartbeat;
import dev.tally.broker.protocol.MalformedCommandException;
import dev.tally.broker.request.RequestHandler;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.topic.GroupTopics;
import dev.tally.broker.topic.Topics;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client says who it is. Consumer groups come into being with their first member, together with their retry topic;
 * the answer is sent when both are durable, so that a consumer can send back from its first message on.
 */
final class HeartbeatHandler implements RequestHandler {

    private static final Logger log = LoggerFactory.getLogger(HeartbeatHandler.class);

    private final MessageStore store;
    private final Clients clients;
    private final Topics topics;
    private final ConsumerNotifier notifier;
    private final Set<String> groupsUnderWay = ConcurrentHashMap.newKeySet();

    HeartbeatHandler(MessageStore store, Clients clients, Topics topics, ConsumerNotifier notifier) {
        this.store = store;
        this.clients = clients;
        this.topics = topics;
        this.notifier = notifier;
    }

    @Override
    public CompletableFuture<Answer> handle(Connection connection, Command request) {
        Heartbeat heartbeat = Heartbeat.from(request.body());
        CompletableFuture<?>[] durable = heartbeat.consumers().stream()
                .map(membership -> ensureGroup(membership.group()))
                .toArray(CompletableFuture<?>[]::new);
        Clients.Registered registered = clients.heartbeat(connection, heartbeat);
        if (!registered.changedGroups().isEmpty()) {
            log.info(
                    "Consumer joined or changed; client={} groups={} remote={}",
                    heartbeat.clientId(),
                    registered.changedGroups(),
                    connection.remoteAddress());
            registered.changedGroups().forEach(notifier::membersChanged);
        }
        boolean subscriptionsWanted = heartbeat.fingerprint() == 0 || registered.subscriptionsMissing();
        Fields fields = Fields.of("IS_SUPPORT_HEART_BEAT_V2", true, "IS_SUB_CHANGE", subscriptionsWanted);
        return CompletableFuture.allOf(durable).thenApply(all -> Answer.ok(fields));
    }

    private CompletableFuture<?> ensureGroup(String group) {
        String complaint = Topics.complaintAbout(GroupTopics.retry(group));
        if (complaint != null) {
            throw new MalformedCommandException("Cannot register consumer group " + group + ": " + complaint);
        }
        CompletableFuture<?> retryTopic = topics.ensure(GroupTopics.retryConfig(GroupTopics.config(store, group)))
                .durable();
        if (store.group(group) != null || !groupsUnderWay.add(group)) {
            return retryTopic;
        }
        return store.saveGroup(GroupTopics.defaults(group))
                .whenComplete((saved, failure) -> groupsUnderWay.remove(group))
                .thenCombine(retryTopic, (saved, topic) -> saved);
    }
}
