/** Small collections over primitive keys: memory for each undecided half message is counted in bytes. */
@NullMarked
package dev.tally.broker.collect;

import org.jspecify.annotations.NullMarked;
