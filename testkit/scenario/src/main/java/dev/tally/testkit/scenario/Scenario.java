package dev.tally.testkit.scenario;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The annotated test shows a numbered failure scenario: {@code broker-n} for faults of the broker and its disk, {@code
 * messaging-n} for publishing and consuming, {@code saga-n} for sagas. {@code docs/scenarios.md} is generated from it.
 *
 * @since 0.1
 */
@Documented
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(Scenario.All.class)
public @interface Scenario {

    /** The scenario's id, for instance {@code broker-17}. */
    String value();

    /** Several scenarios of one test. */
    @Documented
    @Target({ElementType.METHOD, ElementType.TYPE})
    @Retention(RetentionPolicy.RUNTIME)
    @interface All {

        /** The scenarios. */
        Scenario[] value();
    }
}
