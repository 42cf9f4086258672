package dev.tally.broker.log;

import java.util.List;

/**
 * What opening a log found.
 *
 * @param records valid records that were read
 * @param segments segment files, without the one prepared ahead
 * @param epoch the epoch that began
 * @param end the position behind the last valid record
 * @param tornBytes bytes of an unacknowledged tail that were cleared, 0 where the log ended cleanly
 * @param lost what was given up by this start, in quarantine; empty for every other start
 * @param skipped records that refer to records which this start or an earlier one gave up
 * @since 0.1
 */
public record RecoveryReport(
        long records, int segments, int epoch, long end, long tornBytes, List<LostRegion> lost, long skipped) {}
