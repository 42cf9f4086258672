package dev.tally.transport.pulsar;

import dev.tally.message.Message;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.client.UnsendableMessageException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Sends messages, all at once. Thread-safe. */
final class OrderedSender {

    private record Lane(String topic, String key) {

        static @Nullable Lane of(Message message) {
            String key = message.key();
            return key == null ? null : new Lane(message.destination().topic(), key);
        }
    }

    private final BiFunction<WireMessage, String, CompletableFuture<SendOutcome>> way;
    private final MessageTranslation translation;

    /**
     * @param way sends a message after those of its topic before it; the text begins the reason if it fails
     */
    OrderedSender(BiFunction<WireMessage, String, CompletableFuture<SendOutcome>> way, MessageTranslation translation) {
        this.way = way;
        this.translation = translation;
    }

    List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
        List<CompletableFuture<SendOutcome>> outcomes = new ArrayList<>(messages.size());
        // Keys of which a message has failed already, for want of room above all: the next one might find some.
        Set<Lane> failed = new HashSet<>();
        for (Message message : messages) {
            Lane lane = Lane.of(message);
            CompletableFuture<SendOutcome> outcome =
                    lane != null && failed.contains(lane) ? behindFailed(message) : send(message);
            if (lane != null
                    && outcome.isDone()
                    && outcome.join() instanceof SendOutcome.Failed failure
                    && failure.retryable()) {
                failed.add(lane);
            }
            outcomes.add(outcome);
        }
        return outcomes;
    }

    private CompletableFuture<SendOutcome> send(Message message) {
        try {
            return way.apply(
                    translation.toWire(message),
                    UnsendableMessageException.attempt(message, MessageTranslation.PRODUCT));
        } catch (UnsendableMessageException e) {
            return CompletableFuture.completedFuture(e.outcome());
        }
    }

    private static CompletableFuture<SendOutcome> behindFailed(Message message) {
        return CompletableFuture.completedFuture(new SendOutcome.Failed(
                true,
                UnsendableMessageException.attempt(message, MessageTranslation.PRODUCT)
                        + ": an earlier message with key '" + message.key() + "' failed; to be sent again after it",
                null));
    }
}
