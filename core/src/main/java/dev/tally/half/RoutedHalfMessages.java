package dev.tally.half;

import dev.tally.message.Message;
import dev.tally.transport.Capability;
import dev.tally.transport.Transport;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Half messages where several transports are in use: those of topics whose transport has none are refused. Thread-safe.
 *
 * @since 0.1
 */
public final class RoutedHalfMessages implements HalfMessages {

    private final HalfMessages halfMessages;
    private final Transport transport;

    /**
     * Creates them.
     *
     * @param halfMessages those of the one transport that has them
     * @param transport says who carries a topic
     */
    public RoutedHalfMessages(HalfMessages halfMessages, Transport transport) {
        this.halfMessages = halfMessages;
        this.transport = transport;
    }

    @Override
    public Optional<String> refusal(Message message) {
        return missing(message.destination().topic()).or(() -> halfMessages.refusal(message));
    }

    /** Why there are no half messages to a topic, empty where there are. */
    public Optional<String> missing(String topic) {
        Transport carrier = transport.of(topic);
        return carrier.capabilities().contains(Capability.HALF_MESSAGES)
                ? Optional.empty()
                : Optional.of("topic '" + topic + "' is carried by another one: "
                        + Capability.HALF_MESSAGES.missingFrom(carrier.name())
                        + "; via = OUTBOX gives the same promise on each transport");
    }

    @Override
    public CompletableFuture<List<PreparedHalf>> prepare(String transactionId, List<Message> messages) {
        return halfMessages.prepare(transactionId, messages);
    }

    @Override
    public CompletableFuture<Boolean> commit(List<PreparedHalf> prepared) {
        return halfMessages.commit(prepared);
    }

    @Override
    public CompletableFuture<Boolean> rollback(List<PreparedHalf> prepared) {
        return halfMessages.rollback(prepared);
    }

    @Override
    public void onCheckBack(CheckBack checkBack) {
        halfMessages.onCheckBack(checkBack);
    }
}
