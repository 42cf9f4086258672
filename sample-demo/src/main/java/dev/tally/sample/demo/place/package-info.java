/** Placing orders until each is answered. */
@NullMarked
package dev.tally.sample.demo.place;

import org.jspecify.annotations.NullMarked;
