package dev.tally.broker.server;

import dev.tally.broker.message.MessageKeys;
import dev.tally.broker.message.StoredMessages;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.KeyRequest;
import dev.tally.broker.protocol.QueueRequest;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.store.KeyMatches;
import dev.tally.broker.store.KeyQuery;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.StoredMessage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Finds messages by their place, their keys and their time. All of it may read from disk and runs on the readers. */
final class LookupHandlers {

    /** A client does not take frames above 16 MiB. */
    private static final int MOST_BYTES = 8 * 1024 * 1024;

    private final MessageStore store;
    private final Executor reads;

    LookupHandlers(MessageStore store, Executor reads) {
        this.store = store;
        this.reads = reads;
    }

    CompletableFuture<Answer> byKey(Connection connection, Command request) {
        KeyRequest wanted = KeyRequest.from(request.fields());
        return read(() -> {
            KeyQuery query = new KeyQuery(
                    wanted.topic(),
                    MessageKeys.hash(wanted.topic(), wanted.key()),
                    wanted.fromMillis(),
                    wanted.toMillis(),
                    wanted.max());
            KeyMatches found = store.findByKey(query, message -> MessageKeys.has(message.payload(), wanted.key()));
            Fields fields = Fields.of(
                    "indexLastUpdateTimestamp",
                    found.newestMillis(),
                    "indexLastUpdatePhyoffset",
                    found.newestPosition());
            List<StoredMessage> messages = newest(found.messages());
            return messages.isEmpty()
                    ? new Answer(
                            ResponseCode.QUERY_NOT_FOUND,
                            "can not find message, maybe time range not correct: topic " + wanted.topic()
                                    + " has no message with that key between " + wanted.fromMillis() + " and "
                                    + wanted.toMillis(),
                            fields,
                            Command.noBody())
                    : new Answer(ResponseCode.SUCCESS, null, fields, StoredMessages.body(messages));
        });
    }

    /** As many of the newest as one answer takes. */
    private static List<StoredMessage> newest(List<StoredMessage> messages) {
        int first = messages.size();
        long bytes = 0;
        while (first > 0) {
            bytes += messages.get(first - 1).payload().remaining();
            if (bytes > MOST_BYTES && first < messages.size()) {
                break;
            }
            first--;
        }
        return messages.subList(first, messages.size());
    }

    CompletableFuture<Answer> byPosition(Connection connection, Command request) {
        long position = request.fields().requiredLongNumber("offset");
        return read(() -> {
            StoredMessage message = store.messageAt(position);
            if (message == null) {
                return Answer.refused(ResponseCode.SYSTEM_ERROR, "can not find message by the offset, " + position);
            }
            boolean undecided = message.half() && message.queueOffset() < 0;
            return Answer.ok(undecided ? StoredMessages.undecidedBody(message) : StoredMessages.body(List.of(message)));
        });
    }

    /**
     * The offset of a time: of the first message at it or behind it, or with the upper boundary of the last one at it or
     * before it.
     */
    CompletableFuture<Answer> offsetByTime(Connection connection, Command request) {
        QueueRequest queue = QueueRequest.from(request.fields());
        long timestamp = request.fields().requiredLongNumber("timestamp");
        boolean upper = "UPPER".equalsIgnoreCase(request.fields().text("boundaryType"));
        return read(() -> {
            long offset =
                    upper ? lastUpTo(queue, timestamp) : store.offsetByTime(queue.topic(), queue.queueId(), timestamp);
            return Answer.ok(Fields.of("offset", offset));
        });
    }

    private long lastUpTo(QueueRequest queue, long timestamp) {
        long behind = timestamp == Long.MAX_VALUE
                ? store.maxOffset(queue.topic(), queue.queueId())
                : store.offsetByTime(queue.topic(), queue.queueId(), timestamp + 1);
        return Math.max(store.minOffset(queue.topic(), queue.queueId()), behind - 1);
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

    private CompletableFuture<Answer> read(Supplier<Answer> answer) {
        return CompletableFuture.supplyAsync(answer, reads);
    }
}
