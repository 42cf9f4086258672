/** What databases do differently, and the schema scripts. */
@NullMarked
package dev.tally.jdbc;

import org.jspecify.annotations.NullMarked;
