package dev.tally.sample.order.web;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some orders, by id.
 *
 * @param next what to pass as {@code after} for the next page; {@code null} on the last one
 */
record OrderPage(List<OrderView> items, @Nullable String next) {}
