/** The orders to place, from a file of invoices or made up. */
@NullMarked
package dev.tally.sample.demo.workload;

import org.jspecify.annotations.NullMarked;
