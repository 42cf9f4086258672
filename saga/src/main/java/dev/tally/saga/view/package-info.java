/** Sagas for people: diagrams and explanations. */
@NullMarked
package dev.tally.saga.view;

import org.jspecify.annotations.NullMarked;
