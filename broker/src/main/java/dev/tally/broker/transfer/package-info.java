/**
 * Copies topics with their messages, and consumer groups with their positions, from one broker or cluster to another over
 * the wire protocol. Knows both sides only by what they answer.
 */
@NullMarked
package dev.tally.broker.transfer;

import org.jspecify.annotations.NullMarked;
