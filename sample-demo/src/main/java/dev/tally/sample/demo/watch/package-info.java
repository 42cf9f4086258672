/** Watching the services while they run: meters and progress. */
@NullMarked
package dev.tally.sample.demo.watch;

import org.jspecify.annotations.NullMarked;
