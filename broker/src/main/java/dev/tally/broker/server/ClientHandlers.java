package dev.tally.broker.server;

import dev.tally.broker.client.Clients;
import dev.tally.broker.client.ConsumerNotifier;
import dev.tally.broker.client.QueueLocks;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.JsonBody;
import dev.tally.broker.protocol.QueueLockRequest;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.UnregisterRequest;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.topic.Topics;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The short exchanges about group members: good-bye, who else is there, queue locks. All are answered from memory. */
final class ClientHandlers {

    private static final Logger log = LoggerFactory.getLogger(ClientHandlers.class);

    private final MessageStore store;
    private final Clients clients;
    private final QueueLocks locks;
    private final ConsumerNotifier notifier;

    ClientHandlers(MessageStore store, Clients clients, QueueLocks locks, ConsumerNotifier notifier) {
        this.store = store;
        this.clients = clients;
        this.locks = locks;
        this.notifier = notifier;
    }

    CompletableFuture<Answer> unregister(Connection connection, Command request) {
        UnregisterRequest leaving = UnregisterRequest.from(request.fields());
        if (clients.leave(connection, leaving.producerGroup(), leaving.consumerGroup())) {
            log.info("Consumer left; client={} group={}", leaving.clientId(), leaving.consumerGroup());
            String group = leaving.consumerGroup();
            if (group != null) {
                notifier.membersChanged(group);
            }
        }
        return done(Answer.ok());
    }

    CompletableFuture<Answer> consumerIds(Connection connection, Command request) {
        String group = request.fields().requiredText("consumerGroup");
        List<String> ids = clients.consumerIds(group);
        return done(
                ids.isEmpty()
                        ? Answer.refused(ResponseCode.SYSTEM_ERROR, "Consumer group " + group + " has no member online")
                        : Answer.ok(JsonBody.write(Map.of("consumerIdList", ids))));
    }

    CompletableFuture<Answer> lockQueues(Connection connection, Command request) {
        QueueLockRequest wanted = QueueLockRequest.from(request.body());
        // Nobody consumes what there is not, and a client could name queues without end.
        List<QueueLockRequest.Queue> existing = wanted.queues().stream()
                .filter(queue -> Topics.hasQueue(store, queue.topic(), queue.queueId()))
                .toList();
        return done(Answer.ok(QueueLockRequest.answer(
                locks.lock(connection, new QueueLockRequest(wanted.group(), wanted.clientId(), existing)))));
    }

    CompletableFuture<Answer> unlockQueues(Connection connection, Command request) {
        locks.unlock(QueueLockRequest.from(request.body()));
        return done(Answer.ok());
    }

    private static CompletableFuture<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
