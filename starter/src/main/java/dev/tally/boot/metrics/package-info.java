/** Meters from the listeners of Tally's modules. */
@NullMarked
package dev.tally.boot.metrics;

import org.jspecify.annotations.NullMarked;
