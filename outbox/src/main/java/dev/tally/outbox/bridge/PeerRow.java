package dev.tally.outbox.bridge;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row as it was read.
 *
 * @param row the row
 * @param lastTouched the latest time at which the other outbox has, or may have, had it in hands; may be to come
 * @param fault why it cannot be read in full, {@code null} if it can
 */
record PeerRow(
        BridgedRow row, Instant lastTouched, @Nullable String fault) {}
