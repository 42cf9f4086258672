package dev.tally.publish;

import dev.tally.message.MessageId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Publishes in an application with several data sources: a message belongs to the transaction that began last, and
 * leaves if and only if that one commits. Thread-safe.
 *
 * <p>Which transaction that is, the marks of {@link TransactionMarks} tell. Where there is none, the transaction counts
 * as one on the data source that has a connection bound, and publishing is refused if several have.
 *
 * @since 0.1
 */
public final class RoutingMessagePublisher implements MessagePublisher, DeferredPublisher, WritesTo {

    private final Map<String, TransactionalMessagePublisher> publishers;

    /**
     * Creates the publisher.
     *
     * @param publishers one for each data source, by its name; the first is the one whose data source is the primary
     */
    public RoutingMessagePublisher(Map<String, TransactionalMessagePublisher> publishers) {
        if (publishers.isEmpty()) {
            throw new IllegalArgumentException("Cannot publish without a data source");
        }
        this.publishers = Collections.unmodifiableMap(new LinkedHashMap<>(publishers));
    }

    @Override
    public MessageId publish(OutgoingMessage message) {
        try {
            return publisherFor(message).publish(message);
        } catch (TransactionException e) {
            throw CommitRefusedException.insteadOf(e);
        }
    }

    @Override
    public DeferredMessages defer(String topic, Supplier<List<OutgoingMessage>> source) {
        try {
            return publisherFor(OutgoingMessage.to(topic).payload("").build()).defer(topic, source);
        } catch (TransactionException e) {
            throw CommitRefusedException.insteadOf(e);
        }
    }

    private TransactionalMessagePublisher publisherFor(OutgoingMessage message) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()
                || !TransactionSynchronizationManager.isSynchronizationActive()) {
            return publishers.values().iterator().next(); // any of them says what is missing
        }
        for (TransactionalMessagePublisher publisher : publishers.values()) {
            if (publisher.hasMessages()) {
                return publisher;
            }
        }
        TransactionMark mark = TransactionMark.innermost();
        Object resource = mark == null ? null : mark.resource();
        return resource == null ? onlyOneBound(message) : publisherOn(resource, message);
    }

    private TransactionalMessagePublisher publisherOn(Object resource, OutgoingMessage message) {
        for (TransactionalMessagePublisher publisher : publishers.values()) {
            if (publisher.writesTo(resource)) {
                return publisher;
            }
        }
        throw new IllegalTransactionStateException(TransactionalMessagePublisher.refusal(message)
                + TransactionalMessagePublisher.transaction() + " is one on " + resource
                + ", and Tally writes to " + targets()
                + ". Begin it with the transaction manager of one of these: @Transactional(transactionManager = ...), or"
                + " give Tally that data source, too");
    }

    private TransactionalMessagePublisher onlyOneBound(OutgoingMessage message) {
        List<Map.Entry<String, TransactionalMessagePublisher>> bound = publishers.entrySet().stream()
                .filter(each -> each.getValue().hasTransaction())
                .toList();
        return switch (bound.size()) {
            case 0 -> publishers.values().iterator().next(); // refuses, and says why
            case 1 -> bound.get(0).getValue();
            default ->
                throw new IllegalTransactionStateException(TransactionalMessagePublisher.refusal(message)
                        + "there are transactions on "
                        + bound.stream().map(Map.Entry::getKey).toList()
                        + ", and nothing tells which one is the innermost, because its manager's transactions are not"
                        + " marked (TransactionMarks.on). Make the manager a bean, or publish where only one of them"
                        + " runs");
        };
    }

    @Override
    public boolean writesTo(Object resource) {
        return publishers.values().stream().anyMatch(publisher -> publisher.writesTo(resource));
    }

    @Override
    public String targets() {
        List<String> targets = publishers.entrySet().stream()
                .map(each -> each.getKey() + ": " + each.getValue().targets())
                .toList();
        return targets.toString();
    }
}
