package dev.tally.broker.server;

import dev.tally.broker.client.QueueLocks;
import dev.tally.broker.message.StoredMessages;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.OffsetRequest;
import dev.tally.broker.protocol.QueueRequest;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.StoredMessage;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** The short exchanges about offsets and single messages. What may read from disk runs on the readers. */
final class OffsetHandlers {

    private final MessageStore store;
    private final QueueLocks locks;
    private final Executor reads;

    OffsetHandlers(MessageStore store, QueueLocks locks, Executor reads) {
        this.store = store;
        this.locks = locks;
        this.reads = reads;
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
        if (store.topic(commit.topic()) == null) {
            return done(Answer.refused(
                    ResponseCode.TOPIC_NOT_EXIST,
                    "Group " + commit.group() + " cannot commit an offset: topic " + commit.topic()
                            + " does not exist"));
        }
        if (locks.heldByAnother(connection, commit.group(), commit.topic(), commit.queueId())) {
            return done(Answer.refused(
                    ResponseCode.ILLEGAL_OPERATION,
                    "Group " + commit.group() + " cannot commit offset " + commit.offset() + " of topic "
                            + commit.topic() + " queue " + commit.queueId()
                            + ": another client holds the lock of this queue; its offset stands"));
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

    CompletableFuture<Answer> byTime(Connection connection, Command request) {
        QueueRequest queue = QueueRequest.from(request.fields());
        long timestamp = request.fields().requiredLongNumber("timestamp");
        return read(() -> offset(store.offsetByTime(queue.topic(), queue.queueId(), timestamp)));
    }

    CompletableFuture<Answer> earliestStoreTime(Connection connection, Command request) {
        QueueRequest queue = QueueRequest.from(request.fields());
        return read(() -> {
            long first = store.minOffset(queue.topic(), queue.queueId());
            ReadResult found = store.read(queue.topic(), queue.queueId(), first, 1, 1, hash -> true);
            List<StoredMessage> messages = found.messages();
            long time = messages.isEmpty() ? -1 : messages.get(0).storedAtMillis();
            return Answer.ok(Fields.of("timestamp", time));
        });
    }

    CompletableFuture<Answer> messageByPosition(Connection connection, Command request) {
        long position = request.fields().requiredLongNumber("offset");
        return read(() -> {
            StoredMessage message = store.messageAt(position);
            if (message == null) {
                return Answer.refused(ResponseCode.SYSTEM_ERROR, "No message stands at position " + position);
            }
            boolean undecided = message.half() && message.queueOffset() < 0;
            return Answer.ok(undecided ? StoredMessages.undecidedBody(message) : StoredMessages.body(List.of(message)));
        });
    }

    private CompletableFuture<Answer> read(Supplier<Answer> answer) {
        return CompletableFuture.supplyAsync(answer, reads);
    }

    private static Answer offset(long offset) {
        return Answer.ok(Fields.of("offset", offset));
    }

    private static CompletableFuture<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
