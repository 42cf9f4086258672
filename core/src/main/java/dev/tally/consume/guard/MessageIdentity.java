package dev.tally.consume.guard;

import org.jspecify.annotations.Nullable;

/**
 * What tells a message from all others of its group.
 *
 * @param id of any length; not blank
 * @param topic where it came from, for meters and logs; {@code null} where that is not known
 * @since 0.1
 */
public record MessageIdentity(String id, @Nullable String topic) {}
