/** Sagas: the orchestrator, participants, their endpoint and meters. */
@NullMarked
package dev.tally.boot.saga;

import org.jspecify.annotations.NullMarked;
