package dev.tally.broker.retention;

/**
 * A message whose own segment was removed.
 *
 * @param position the position that identifies it
 * @param copy where it stands now
 * @since 0.1
 */
public record Relocation(long position, long copy) {}
