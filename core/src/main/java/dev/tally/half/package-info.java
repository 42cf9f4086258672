/** Half messages: the port to brokers that have them, the transaction ledger, and the answer to check-backs. */
@NullMarked
package dev.tally.half;

import org.jspecify.annotations.NullMarked;
