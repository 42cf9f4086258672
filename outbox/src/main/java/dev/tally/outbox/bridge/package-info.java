/**
 * Moving from another outbox to Tally's: what the other one has left undelivered in its table is delivered by Tally, each
 * row once, without a write to that table.
 */
@NullMarked
package dev.tally.outbox.bridge;

import org.jspecify.annotations.NullMarked;
