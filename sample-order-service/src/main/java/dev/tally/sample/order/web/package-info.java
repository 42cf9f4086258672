/** The HTTP interface. */
@NullMarked
package dev.tally.sample.order.web;

import org.jspecify.annotations.NullMarked;
