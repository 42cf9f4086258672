package dev.tally.message;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Gives a payload class its logical name, the one that goes over the wire and into tables. Without it the simple class
 * name is the logical name. A logical name outlives packages and refactoring; class names never leave the process.
 *
 * @since 0.1
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface MessageType {

    /** The logical name, for instance {@code order-placed}. */
    String value();
}
