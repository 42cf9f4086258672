/** Health of the outbox and its transport. */
@NullMarked
package dev.tally.boot.actuate;

import org.jspecify.annotations.NullMarked;
