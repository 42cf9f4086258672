package dev.tally.sample.order.web;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Some of many.
 *
 * @param next what to pass as {@code after} for the next page; {@code null} on the last one
 */
record Page<T>(List<T> items, @Nullable String next) {

    static <E, T> Page<T> of(List<E> stored, int limit, Function<E, T> view, Function<E, String> key) {
        String next = stored.size() == limit ? key.apply(stored.get(limit - 1)) : null;
        return new Page<>(stored.stream().map(view).toList(), next);
    }
}
