package dev.tally.publish;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Application events of the annotated class are published as messages of the current transaction: each leaves if and only
 * if the transaction in which {@code ApplicationEventPublisher.publishEvent} was called commits. So do the domain events
 * of Spring Data's aggregates ({@code @DomainEvents}, {@code AbstractAggregateRoot}), which its repositories publish.
 *
 * <p>On a super class or an interface it counts for all events of that kind; what stands nearer to the event's own class
 * takes the place of what stands further away. It can be repeated: then several messages leave together or not at all.
 *
 * <p>The event is the payload, and the payload's logical type is the event's ({@link dev.tally.message.MessageType});
 * other listeners get the event as ever. An event that cannot be published makes the transaction roll back, whatever
 * becomes of the exception; one that is published outside of a transaction is refused with an
 * {@link org.springframework.transaction.IllegalTransactionStateException}. Publish annotated events in the thread of the
 * transaction: an event multicaster that uses an executor is no obstacle, since Tally's listener asks to be called at once.
 *
 * <p>Expressions are SpEL. They see the event as {@code #event} and as the root object. One that fails makes the
 * transaction roll back.
 *
 * @since 0.1
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(PublishedMessage.List.class)
public @interface PublishedMessage {

    /**
     * The topic; {@code ${...}} placeholders are resolved. With a {@code #} in it, an expression, for instance
     * {@code 'orders-' + #event.region}.
     */
    String topic();

    /**
     * An expression for the payload, for instance {@code #event.receipt}; the event by default. Subclasses of
     * {@link org.springframework.context.ApplicationEvent} need one, because they carry their source.
     */
    String payload() default "";

    /** An expression that says whether to publish, for instance {@code #event.total > 100}; always by default. */
    String condition() default "";

    /** An expression for the key, for instance {@code #event.orderId}. Empty, the default, for no key and no order. */
    String key() default "";

    /** A tag that consumers can filter by, as it is written; none by default. */
    String tag() default "";

    /**
     * Headers, each as {@code name=expression}, for instance {@code "region=#event.region"}. What is {@code null} is left
     * out.
     */
    String[] headers() default {};

    /**
     * How long after the commit the message may be seen: a duration ({@code 30s}, {@code PT5M}, {@code ${...}}), or,
     * with a {@code #} in it, an expression for a {@link java.time.Duration}, a number of milliseconds or such a text. At
     * once by default.
     */
    String delay() default "";

    /** How the message leaves. */
    Via via() default Via.OUTBOX;

    /** Holds repeated annotations. */
    @Documented
    @Target(ElementType.TYPE)
    @Retention(RetentionPolicy.RUNTIME)
    @interface List {

        /** The messages, published in this order. */
        PublishedMessage[] value();
    }
}
