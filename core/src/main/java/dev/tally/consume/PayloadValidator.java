package dev.tally.consume;

import java.util.List;

/**
 * Checks payloads, where a handler's parameter is annotated with {@code @Valid} or {@code @Validated}. Thread-safe.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface PayloadValidator {

    /** What is wrong with {@code payload}, for people; empty if it is valid. */
    List<String> faultsOf(Object payload);
}
