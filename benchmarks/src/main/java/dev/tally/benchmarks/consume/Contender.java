package dev.tally.benchmarks.consume;

import dev.tally.benchmarks.consumer.Style;
import java.util.List;

/**
 * A way of consuming, as it is set up.
 *
 * @param name in the figures
 * @param part it gets one of so many of the workload's messages: the slow ones would take minutes
 * @param properties of its application beside those that it always has
 */
record Contender(String name, Style style, int part, List<String> properties) {

    static Contender of(String name, Style style, int part, String... properties) {
        return new Contender(name, style, part, List.of(properties));
    }
}
