/** The stored orders. */
@NullMarked
package dev.tally.sample.order.book;

import org.jspecify.annotations.NullMarked;
