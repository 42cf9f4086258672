package dev.tally.broker.console;

import dev.tally.broker.protocol.Answer;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.StoredMessage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** What all questions about the broker's data need: where it is, and threads that may read it. Thread-safe. */
final class Place {

    final MessageStore store;
    final ServerSettings settings;
    private final Executor reads;

    Place(MessageStore store, ServerSettings settings, Executor reads) {
        this.store = store;
        this.settings = settings;
        this.reads = reads;
    }

    CompletableFuture<Answer> read(Supplier<Answer> answer) {
        return CompletableFuture.supplyAsync(answer, reads);
    }

    Executor reads() {
        return reads;
    }

    QueueMap queueMap() {
        return new QueueMap(settings.brokerName());
    }

    /** When the message at an offset was stored, epoch milliseconds; {@code absent} where none is. May read from disk. */
    long storedAt(String topic, int queueId, long offset, long absent) {
        if (offset < 0) {
            return absent;
        }
        ReadResult found = store.read(topic, queueId, offset, 1, 1, hash -> true);
        List<StoredMessage> messages = found.messages();
        return messages.isEmpty() ? absent : messages.get(0).storedAtMillis();
    }
}
