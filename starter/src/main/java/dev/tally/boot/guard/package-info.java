/** The ids of the messages that listeners of other libraries take; each class needs its library. */
@NullMarked
package dev.tally.boot.guard;

import org.jspecify.annotations.NullMarked;
