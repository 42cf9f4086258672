package dev.tally.broker.message;

import dev.tally.broker.protocol.IllegalMessageException;
import dev.tally.broker.protocol.MessageProperties;
import dev.tally.broker.protocol.PropertyNames;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** How long a message stays invisible, from its properties. */
public final class Delays {

    private static final int LEVEL_OF_FIRST_RETRY = 3;

    private final List<Duration> levels;
    private final InstantSource clock;

    public Delays(List<Duration> levels, InstantSource clock) {
        this.levels = levels;
        this.clock = clock;
    }

    /** What a level means; one above the table is its last, 0 and below is no delay. */
    public Duration ofLevel(int level) {
        return level <= 0 || levels.isEmpty() ? Duration.ZERO : levels.get(Math.min(level, levels.size()) - 1);
    }

    /** The back-off before the next redelivery of a message that was redelivered so often. */
    public Duration ofRetry(int reconsumeTimes) {
        return ofLevel(LEVEL_OF_FIRST_RETRY + reconsumeTimes);
    }

    /** The delay that properties ask for; a level wins over a timer. */
    public Duration of(MessageProperties properties) {
        String level = properties.get(PropertyNames.DELAY_LEVEL);
        if (level != null) {
            Duration delay = ofLevel((int) Math.min(Integer.MAX_VALUE, number(PropertyNames.DELAY_LEVEL, level)));
            if (!delay.isZero()) {
                return delay;
            }
        }
        String seconds = properties.get(PropertyNames.TIMER_DELAY_SECONDS);
        if (seconds != null) {
            return atLeastZero(Math.multiplyExact(number(PropertyNames.TIMER_DELAY_SECONDS, seconds), 1000L));
        }
        String millis = properties.get(PropertyNames.TIMER_DELAY_MILLIS);
        if (millis != null) {
            return atLeastZero(number(PropertyNames.TIMER_DELAY_MILLIS, millis));
        }
        String deliverAt = properties.get(PropertyNames.TIMER_DELIVER_AT_MILLIS);
        if (deliverAt != null) {
            return atLeastZero(number(PropertyNames.TIMER_DELIVER_AT_MILLIS, deliverAt) - clock.millis());
        }
        return Duration.ZERO;
    }

    private static Duration atLeastZero(long millis) {
        return Duration.ofMillis(Math.max(0, millis));
    }

    /** A hundred years in milliseconds bounds the sums that stores make with it. */
    private static long number(String property, String value) {
        try {
            long number = Long.parseLong(value);
            if (Math.abs(number) > 100L * 366 * 24 * 3600 * 1000) {
                throw new IllegalMessageException("Property " + property + " is out of range: " + number);
            }
            return number;
        } catch (NumberFormatException e) {
            throw new IllegalMessageException("Property " + property + " is not a number", e);
        }
    }
}
