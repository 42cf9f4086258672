package dev.tally.broker.request;

import java.time.Duration;

/**
 * How repeated sends of plain messages are recognised.
 *
 * @param keys how many messages are remembered at most, about 160 bytes each; 0 for none: nothing is recognised
 * @param window how long a message is remembered
 * @since 0.1
 */
public record RepeatPolicy(int keys, Duration window) {

    /** 100,000 messages, 10 minutes. */
    public static final RepeatPolicy DEFAULT = new RepeatPolicy(100_000, Duration.ofMinutes(10));

    /** Refuses what cannot work. */
    public RepeatPolicy {
        if (keys < 0 || window.isNegative()) {
            throw new IllegalArgumentException("Cannot recognise repeats among " + keys + " messages within " + window);
        }
    }

    public boolean enabled() {
        return keys > 0 && !window.isZero();
    }
}
