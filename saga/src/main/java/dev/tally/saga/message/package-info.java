/** What sagas and their participants say to one another: the headers of commands and replies. */
@NullMarked
package dev.tally.saga.message;

import org.jspecify.annotations.NullMarked;
