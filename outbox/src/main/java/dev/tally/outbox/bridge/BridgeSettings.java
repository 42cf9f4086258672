package dev.tally.outbox.bridge;

import java.time.Duration;

/**
 * How a bridge works.
 *
 * @param mode whether it takes rows
 * @param batchRows rows taken at most in one transaction, between 1 and 1000
 * @param maxRate rows looked at in a second at most; 0 for no limit
 * @param quietPeriod how long the other outbox must have been silent, and a row untouched, before anything is taken; more
 *     than its instances take at most for one attempt
 * @param interval pause after all rows were looked at, before the next round
 * @param retryLeft how often rows that could not be mapped are tried again
 * @since 0.1
 */
public record BridgeSettings(
        BridgeMode mode, int batchRows, int maxRate, Duration quietPeriod, Duration interval, Duration retryLeft) {

    private static final int MOST_ROWS = 1000;

    /** Checks the values. */
    public BridgeSettings {
        require(batchRows >= 1 && batchRows <= MOST_ROWS, "batches have 1 to " + MOST_ROWS + " rows, not " + batchRows);
        require(maxRate >= 0, "the rate cannot be " + maxRate);
        require(!quietPeriod.isNegative(), "the quiet period cannot be " + quietPeriod);
        require(interval.compareTo(Duration.ZERO) > 0, "the interval cannot be " + interval);
        require(!retryLeft.isNegative(), "left rows cannot be tried again after " + retryLeft);
    }

    private static void require(boolean holds, String fault) {
        if (!holds) {
            throw new BridgeRefusedException("Cannot bridge with these settings: " + fault);
        }
    }

    /** The defaults: batches of 200, 500 rows in a second, 5 minutes of silence, a round every 10 seconds. */
    public static BridgeSettings of(BridgeMode mode) {
        return new BridgeSettings(
                mode, 200, 500, Duration.ofMinutes(5), Duration.ofSeconds(10), Duration.ofMinutes(10));
    }

    /** How long to wait after {@code rows} were looked at. */
    Duration pauseAfter(int rows) {
        return maxRate == 0 ? Duration.ZERO : Duration.ofMillis(rows * 1000L / maxRate);
    }
}
