/** Removing rows that nobody asks for any more, a little at a time. */
@NullMarked
package dev.tally.retention;

import org.jspecify.annotations.NullMarked;
