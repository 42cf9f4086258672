/** SQL92 filters: which messages a group wants, by their properties. */
@NullMarked
package dev.tally.broker.filter;

import org.jspecify.annotations.NullMarked;
