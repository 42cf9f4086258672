package dev.tally.broker.log;

import java.nio.ByteBuffer;

/**
 * A verified record.
 *
 * @param position where it starts in the log; never 0
 * @param kind what it is
 * @param timestampMillis when it was written, by the broker's wall clock
 * @param body its bytes after the header, read-only, from 0 to its limit
 * @since 0.1
 */
public record LogRecord(long position, RecordKind kind, long timestampMillis, ByteBuffer body) {}
