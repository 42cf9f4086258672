package dev.tally.broker.admin;

import java.util.Map;

/**
 * A number that says how the broker is doing.
 *
 * @param name as Prometheus spells it; that of a counter ends in {@code _total}
 * @param help one sentence
 * @param labels what tells numbers of the same name apart
 * @param value its value now
 * @since 0.1
 */
public record Metric(String name, String help, Map<String, String> labels, double value) {

    private static final String COUNTER_SUFFIX = "_total";

    /** A number without labels. */
    public static Metric of(String name, String help, double value) {
        return new Metric(name, help, Map.of(), value);
    }

    /** Whether it only grows, from the start or for ever. */
    public boolean counter() {
        return name.endsWith(COUNTER_SUFFIX);
    }
}
