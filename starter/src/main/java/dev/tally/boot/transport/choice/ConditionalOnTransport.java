package dev.tally.boot.transport.choice;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Conditional;

/**
 * Matches where the application uses one of Tally's transports, see {@link TransportChoice}, and has no {@code Transport}
 * bean of its own.
 *
 * @since 0.1
 */
@Documented
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Conditional(OnTransportCondition.class)
public @interface ConditionalOnTransport {

    /** The transport's name, as {@code Transport.name()} has it. */
    String value();
}
