/** How sagas are written: steps with their kinds, order, commands, compensations, limits. Immutable once built. */
@NullMarked
package dev.tally.saga.definition;

import org.jspecify.annotations.NullMarked;
