package dev.tally.broker.server;

import dev.tally.broker.client.OffsetResets;
import dev.tally.broker.client.QueueLocks;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.OffsetRequest;
import dev.tally.broker.protocol.QueueRequest;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.topic.Topics;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** The short exchanges about offsets, answered from memory. */
final class OffsetHandlers {

    private final MessageStore store;
    private final QueueLocks locks;
    private final OffsetResets resets;

    OffsetHandlers(MessageStore store, QueueLocks locks, OffsetResets resets) {
        this.store = store;
        this.locks = locks;
        this.resets = resets;
    }

    /**
     * A group that never committed starts at the beginning of a queue that still has its beginning, as RocketMQ's brokers
     * answer; so what was sent before the group's first start is not skipped.
     */
    CompletableFuture<Answer> committed(Connection connection, Command request) {
        OffsetRequest query = OffsetRequest.from(request.fields());
        OptionalLong committed = store.committedOffset(query.group(), query.topic(), query.queueId());
        if (committed.isPresent()) {
            return done(offset(committed.getAsLong()));
        }
        if (query.zeroIfNotFound() && store.minOffset(query.topic(), query.queueId()) == 0) {
            return done(offset(0));
        }
        return done(Answer.refused(
                ResponseCode.QUERY_NOT_FOUND,
                "Group " + query.group() + " never committed an offset of topic " + query.topic() + " queue "
                        + query.queueId()));
    }

    CompletableFuture<Answer> commit(Connection connection, Command request) {
        OffsetRequest commit = OffsetRequest.from(request.fields());
        if (commit.offset() < 0) {
            return done(Answer.refused(
                    ResponseCode.INVALID_PARAMETER,
                    "Group " + commit.group() + " cannot commit offset " + commit.offset() + " of topic "
                            + commit.topic() + " queue " + commit.queueId()));
        }
        TopicConfig topic = store.topic(commit.topic());
        if (topic == null) {
            return done(Answer.refused(
                    ResponseCode.TOPIC_NOT_EXIST,
                    "Group " + commit.group() + " cannot commit an offset: topic " + commit.topic()
                            + " does not exist"));
        }
        // Whatever a client counts up to would be kept for good.
        if (!Topics.hasQueue(store, commit.topic(), commit.queueId())) {
            return done(Answer.refused(
                    ResponseCode.INVALID_PARAMETER,
                    "Group " + commit.group() + " cannot commit offset " + commit.offset() + ": topic "
                            + commit.topic() + " has " + topic.readQueues() + " read queues and no queue "
                            + commit.queueId()));
        }
        if (locks.heldByAnother(connection, commit.group(), commit.topic(), commit.queueId())) {
            return done(Answer.refused(
                    ResponseCode.ILLEGAL_OPERATION,
                    "Group " + commit.group() + " cannot commit offset " + commit.offset() + " of topic "
                            + commit.topic() + " queue " + commit.queueId()
                            + ": another client holds the lock of this queue; its offset stands"));
        }
        if (resets.pending(commit.group(), commit.topic(), commit.queueId())) {
            // From before the reset; a consumer that is refused would only log it, and learns of the reset by its pull.
            return done(new Answer(
                    ResponseCode.SUCCESS,
                    "The offset was reset before and the consumer's next pull says so; this commit changed nothing",
                    Fields.none(),
                    Command.noBody()));
        }
        OptionalLong present = store.committedOffset(commit.group(), commit.topic(), commit.queueId());
        if (present.isPresent() && present.getAsLong() == commit.offset()) {
            return done(Answer.ok());
        }
        return store.commitOffset(commit.group(), commit.topic(), commit.queueId(), commit.offset())
                .thenApply(saved -> Answer.ok());
    }

    CompletableFuture<Answer> max(Connection connection, Command request) {
        QueueRequest queue = QueueRequest.from(request.fields());
        return done(offset(store.maxOffset(queue.topic(), queue.queueId())));
    }

    CompletableFuture<Answer> min(Connection connection, Command request) {
        QueueRequest queue = QueueRequest.from(request.fields());
        return done(offset(store.minOffset(queue.topic(), queue.queueId())));
    }

    private static Answer offset(long offset) {
        return Answer.ok(Fields.of("offset", offset));
    }

    private static CompletableFuture<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
