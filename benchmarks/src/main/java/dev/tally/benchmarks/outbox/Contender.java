package dev.tally.benchmarks.outbox;

import dev.tally.benchmarks.publisher.Kind;
import java.util.List;

/**
 * A way of publishing, as it is set up.
 *
 * @param name in the figures
 * @param properties of its application beside those that it always has
 */
record Contender(String name, Kind kind, List<String> properties) {

    static Contender of(String name, Kind kind, String... properties) {
        return new Contender(name, kind, List.of(properties));
    }
}
