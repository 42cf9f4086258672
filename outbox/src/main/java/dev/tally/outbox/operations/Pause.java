package dev.tally.outbox.operations;

import java.time.Instant;

/**
 * A pause of the outbox: no node sends anything.
 *
 * @param by who paused it
 * @param reason why
 * @param since since when, by the database's clock
 * @since 0.1
 */
public record Pause(String by, String reason, Instant since) {}
