package dev.tally.publish;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.event.GenericApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.ResolvableType;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ConcurrentReferenceHashMap;

/**
 * Publishes application events annotated with {@link PublishedMessage}, inside the transaction of who publishes the event.
 *
 * <p>It is the first of the listeners, so that messages have the order of their events also where other listeners publish
 * further ones. Thread-safe.
 *
 * @since 0.1
 */
public final class PublishedMessageListener implements GenericApplicationListener {

    private final Supplier<MessagePublisher> publisher;
    private final UnaryOperator<String> placeholders;
    // Soft references: classes of a closed class loader must be able to go.
    private final Map<Class<?>, PublishedEvent> byClass = new ConcurrentReferenceHashMap<>();

    /**
     * Creates the listener.
     *
     * @param publisher asked at each annotated event
     * @param placeholders resolves {@code ${...}} in annotations
     */
    public PublishedMessageListener(Supplier<MessagePublisher> publisher, UnaryOperator<String> placeholders) {
        this.publisher = publisher;
        this.placeholders = placeholders;
    }

    @Override
    public boolean supportsEventType(ResolvableType eventType) {
        Class<?> type = eventType.toClass();
        // What a payload's class is, its declared type need not tell.
        return PayloadApplicationEvent.class.isAssignableFrom(type) || PublishedEvent.isAnnotated(type);
    }

    @Override
    public boolean supportsAsyncExecution() {
        return false; // another thread has another transaction, or none
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    /**
     * Publishes {@code event} if it, or what it carries, is annotated.
     *
     * @throws IllegalTransactionStateException outside a transaction, or in one that cannot take messages
     * @throws CommitRefusedException in place of that within the commit
     * @throws InvalidPublisherException if the annotation is not right
     * @throws IllegalStateException if an expression fails
     * @throws dev.tally.message.PayloadUnwritableException if the payload cannot be encoded
     */
    @Override
    public void onApplicationEvent(ApplicationEvent event) {
        if (event instanceof PayloadApplicationEvent<?> carrier && publish(carrier.getPayload())) {
            return;
        }
        publish(event);
    }

    private boolean publish(Object event) {
        PublishedEvent published = of(event.getClass());
        if (published.isEmpty()) {
            return false;
        }
        try {
            requireNoFaults(event.getClass(), published);
            for (OutgoingMessage message : published.messages(event)) {
                requireTransaction(event, message);
                publisher.get().publish(message);
            }
        } catch (RuntimeException e) {
            // Multicasters may have an error handler that swallows this; the transaction must not commit without it.
            FailedEvent.refuseCommit(event.getClass(), e);
            throw e instanceof TransactionException refusal ? CommitRefusedException.insteadOf(refusal) : e;
        }
        return true;
    }

    private PublishedEvent of(Class<?> type) {
        PublishedEvent known = byClass.get(type);
        if (known == null) {
            known = PublishedEvent.of(type, placeholders);
            byClass.put(type, known);
        }
        return known;
    }

    /**
     * Looks at event classes before there is an event of them, for instance at start-up.
     *
     * @throws InvalidPublisherException if their annotations are not right; the message lists all faults
     */
    public void validate(List<Class<?>> eventClasses) {
        List<String> faults = eventClasses.stream()
                .flatMap(type -> of(type).faults().stream().map(fault -> type.getName() + ": " + fault))
                .toList();
        if (!faults.isEmpty()) {
            throw new InvalidPublisherException("Cannot start: " + faults.size()
                    + " faults in event classes annotated with @PublishedMessage:\n - " + String.join("\n - ", faults));
        }
    }

    private static void requireNoFaults(Class<?> type, PublishedEvent published) {
        if (!published.faults().isEmpty()) {
            throw new InvalidPublisherException("Cannot publish events of " + type.getName()
                    + ", which is annotated with" + " @PublishedMessage: " + String.join("; ", published.faults()));
        }
    }

    /** The publisher would refuse as well, but cannot know why events come to a thread without a transaction. */
    private static void requireTransaction(Object event, OutgoingMessage message) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalTransactionStateException(TransactionalMessagePublisher.refusal(message)
                    + "there is no transaction where the event "
                    + event.getClass().getName()
                    + " was received, in thread '" + Thread.currentThread().getName()
                    + "'. Publish the event inside of one: annotate the calling method with @Transactional (and call it"
                    + " through its bean), or use a TransactionTemplate; code that runs after a commit needs"
                    + " REQUIRES_NEW. A multicaster that hands events to an executor takes them out of their"
                    + " transaction: have it call this listener at once, as its supportsAsyncExecution() asks for");
        }
    }
}
