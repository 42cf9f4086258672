/** The demonstration: three processes, orders, kills, and the audit of what is left. */
@NullMarked
package dev.tally.sample.demo;

import org.jspecify.annotations.NullMarked;
