/** The HTTP interface; it only reads. */
@NullMarked
package dev.tally.sample.stock.web;

import org.jspecify.annotations.NullMarked;
