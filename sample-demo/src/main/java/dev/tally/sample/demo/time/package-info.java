/** Time and waiting, handed in from outside. */
@NullMarked
package dev.tally.sample.demo.time;

import org.jspecify.annotations.NullMarked;
