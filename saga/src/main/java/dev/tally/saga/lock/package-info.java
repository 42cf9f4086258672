/** Semantic locks: what a saga has to itself until it ends. */
@NullMarked
package dev.tally.saga.lock;

import org.jspecify.annotations.NullMarked;
