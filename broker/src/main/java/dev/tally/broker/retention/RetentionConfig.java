package dev.tally.broker.retention;

import java.time.Duration;

/**
 * How long the log is kept. Whatever these say, what is undecided, parked or scheduled is never removed, and what a
 * consumer group has not consumed only where its topic says so.
 *
 * @param maxAge segments whose newest record is older may be removed; 72 hours by default, as RocketMQ's
 *     {@code fileReservedTime}
 * @param maxBytes the oldest segments may be removed, however young, while the log takes more; 0 for no bound, the default
 * @param keepUnconsumed whether topics that do not say it themselves keep what a group has not consumed; true by default
 * @since 0.1
 */
public record RetentionConfig(Duration maxAge, long maxBytes, boolean keepUnconsumed) {

    private static final Duration DEFAULT_AGE = Duration.ofDays(3);

    /** Refuses what cannot work. */
    public RetentionConfig {
        if (maxAge.isNegative() || maxAge.isZero() || maxBytes < 0) {
            throw new IllegalArgumentException("Cannot keep a log for " + maxAge + " and up to " + maxBytes
                    + " bytes; the age must be positive, the bytes positive or 0 for no bound");
        }
    }

    /** The defaults. */
    public static RetentionConfig defaults() {
        return new RetentionConfig(DEFAULT_AGE, 0, true);
    }

    /** The same with another age. */
    public RetentionConfig withMaxAge(Duration age) {
        return new RetentionConfig(age, maxBytes, keepUnconsumed);
    }

    /** The same with another bound in bytes, 0 for none. */
    public RetentionConfig withMaxBytes(long bytes) {
        return new RetentionConfig(maxAge, bytes, keepUnconsumed);
    }

    /** The same with another rule for topics that do not say it themselves. */
    public RetentionConfig withKeepUnconsumed(boolean keep) {
        return new RetentionConfig(maxAge, maxBytes, keep);
    }
}
