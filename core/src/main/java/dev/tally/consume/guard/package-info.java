/** Guards: methods that others call, each with one effect for each message. */
@NullMarked
package dev.tally.consume.guard;

import org.jspecify.annotations.NullMarked;
