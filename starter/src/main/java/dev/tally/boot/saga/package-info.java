/** Sagas: the orchestrator and the participants. */
@NullMarked
package dev.tally.boot.saga;

import org.jspecify.annotations.NullMarked;
