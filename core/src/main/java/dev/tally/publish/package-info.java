/** Publishing bound to the local transaction: the annotation, the publisher, and the buffer that settles with the transaction. */
@NullMarked
package dev.tally.publish;

import org.jspecify.annotations.NullMarked;
