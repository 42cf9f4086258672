/** The words: a message, its id, destination and headers, and how a payload becomes bytes and back. */
@NullMarked
package dev.tally.message;

import org.jspecify.annotations.NullMarked;
