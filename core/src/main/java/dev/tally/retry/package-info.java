/** How long to wait before trying again. */
@NullMarked
package dev.tally.retry;

import org.jspecify.annotations.NullMarked;
