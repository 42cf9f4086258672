package dev.tally.broker.log;

/**
 * What opening a log found.
 *
 * @param records valid records
 * @param segments segment files, without the one prepared ahead
 * @param epoch the epoch that began
 * @param end the position behind the last valid record
 * @param tornBytes bytes of an unacknowledged tail that were cleared, 0 where the log ended cleanly
 * @since 0.1
 */
public record RecoveryReport(long records, int segments, int epoch, long end, long tornBytes) {}
