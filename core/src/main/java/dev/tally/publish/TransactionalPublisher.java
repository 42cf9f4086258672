package dev.tally.publish;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.core.annotation.AliasFor;
import org.springframework.transaction.annotation.Transactional;

/**
 * What the annotated method returns, or what {@link #payload} makes of it, is published if and only if its database
 * transaction commits.
 *
 * <p>The annotation is {@link Transactional} itself; a {@code @Transactional} beside it, on the method or its class,
 * sets the transaction's attributes. A payload that is {@code null} is not published. It can be repeated: then several
 * messages leave together or not at all.
 *
 * <p>Expressions are SpEL. They are evaluated after the method has returned and before the commit; they see
 * {@code #result}, the arguments by name ({@code #order}) and position ({@code #a0}), and the bean as root object. One
 * that fails makes the transaction roll back. All are parsed at start-up, which ends if one cannot be.
 *
 * @since 0.1
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(TransactionalPublisher.List.class)
@Transactional
public @interface TransactionalPublisher {

    /**
     * The topic; {@code ${...}} placeholders are resolved. With a {@code #} in it, an expression, for instance
     * {@code 'orders-' + #result.region}.
     */
    String topic();

    /** An expression for the payload, for instance {@code #order} or {@code #result.receipt}; the result by default. */
    String payload() default "";

    /** An expression that says whether to publish, for instance {@code #result.accepted}; always by default. */
    String condition() default "";

    /**
     * An expression for the key, for instance {@code #result.orderId}. Empty, the default, for no key and no order.
     */
    String key() default "";

    /** A tag that consumers can filter by, as it is written; none by default. */
    String tag() default "";

    /**
     * Headers, each as {@code name=expression}, for instance {@code "region=#result.region"}. What is {@code null} is
     * left out.
     */
    String[] headers() default {};

    /**
     * How long after the commit the message may be seen: a duration ({@code 30s}, {@code PT5M}, {@code ${...}}), or,
     * with a {@code #} in it, an expression for a {@link java.time.Duration}, a number of milliseconds or such a text. At
     * once by default.
     */
    String delay() default "";

    /**
     * The name of the transaction manager, as {@link Transactional#transactionManager} has it; the default one by default.
     * With it, the annotation counts like a {@code @Transactional} on the method, and those on the class do not. Where the
     * annotation is repeated, or stands beside a {@code @Transactional}, name the manager in that one.
     */
    @AliasFor(annotation = Transactional.class, attribute = "transactionManager")
    String transactionManager() default "";

    /** How the message leaves. */
    Via via() default Via.OUTBOX;

    /** Holds repeated annotations. */
    @Documented
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @Transactional
    @interface List {

        /** The messages, published in this order. */
        TransactionalPublisher[] value();
    }
}
