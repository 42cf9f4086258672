/** The stored stock and what of it is reserved. */
@NullMarked
package dev.tally.sample.stock.shelf;

import org.jspecify.annotations.NullMarked;
