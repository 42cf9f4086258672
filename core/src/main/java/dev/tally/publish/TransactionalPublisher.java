package dev.tally.publish;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.transaction.annotation.Transactional;

/**
 * What the annotated method returns is published if and only if its database transaction commits.
 *
 * <p>The annotation is {@link Transactional} itself; a {@code @Transactional} beside it, on the method or its class,
 * sets the transaction's attributes. A method that returns {@code null} publishes nothing. Methods without a return
 * value are refused at start-up.
 *
 * @since 0.1
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Transactional
public @interface TransactionalPublisher {

    /** The topic. */
    String topic();

    /**
     * A SpEL expression for the key, for instance {@code #result.orderId}; the arguments are there by name. Empty, the
     * default, for no key and no order.
     */
    String key() default "";

    /** A tag that consumers can filter by; none by default. */
    String tag() default "";

    /** How the message leaves. */
    Via via() default Via.OUTBOX;
}
