package dev.tally.broker.collect;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives things small numbers, so that many rows can name them in four bytes. Numbers are never given back. Not
 * thread-safe.
 *
 * @param <T> the things
 * @since 0.1
 */
public final class Numbered<T> {

    private final Map<T, Integer> numbers = new HashMap<>();
    private final List<T> things = new ArrayList<>();

    /** Nothing has a number yet. */
    public Numbered() {}

    /** The number of a thing, from now on if it had none. */
    public int numberOf(T thing) {
        Integer known = numbers.get(thing);
        if (known != null) {
            return known;
        }
        numbers.put(thing, things.size());
        things.add(thing);
        return things.size() - 1;
    }

    /** The thing of that number. */
    public T get(int number) {
        return things.get(number);
    }

    /** How many numbers were given out. */
    public int size() {
        return things.size();
    }
}
