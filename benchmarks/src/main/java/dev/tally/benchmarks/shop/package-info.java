/** The shop whose purchases are sagas, as a process: orchestrator, participants, or both. */
@NullMarked
package dev.tally.benchmarks.shop;

import org.jspecify.annotations.NullMarked;
