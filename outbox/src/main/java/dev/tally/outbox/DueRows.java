package dev.tally.outbox;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What {@link WaitingRows#releaseDue} has found.
 *
 * @param released how many rows were due and may be sent now
 * @param lowestId the lowest id of theirs; 0 for none
 * @param nextIn how long until the next row is due; {@code null} if none is scheduled. Zero if there are more that are due
 * @since 0.1
 */
public record DueRows(int released, long lowestId, @Nullable Duration nextIn) {}
