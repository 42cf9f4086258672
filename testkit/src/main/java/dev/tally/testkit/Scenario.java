package dev.tally.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the failure scenario that a test covers.
 *
 * @since 0.1
 */
@Documented
@Repeatable(Scenarios.class)
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface Scenario {

    /** The scenario's id, for instance {@code messaging-3}. */
    String value();
}
