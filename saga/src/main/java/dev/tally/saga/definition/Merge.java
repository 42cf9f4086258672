package dev.tally.saga.definition;

import java.util.function.BiFunction;

/**
 * How what a step answered goes into the saga's data.
 *
 * @param type the class of the answer
 * @param into makes the new data of the present data and the answer; has no other effect, and may be called more than once
 * @param <D> the saga's data
 * @param <R> the answer
 * @since 0.1
 */
public record Merge<D, R>(Class<R> type, BiFunction<D, R, D> into) {

    /** The data with {@code answer}, which has to be of {@link #type()}. */
    public D apply(D data, Object answer) {
        return into.apply(data, type.cast(answer));
    }
}
