/** Processes over several services. Nothing is public here yet. */
@NullMarked
package dev.tally.saga;

import org.jspecify.annotations.NullMarked;
