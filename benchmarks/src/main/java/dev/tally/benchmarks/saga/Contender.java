package dev.tally.benchmarks.saga;

import dev.tally.benchmarks.shop.Style;

/**
 * A way of carrying purchases through.
 *
 * @param name in the figures
 */
record Contender(String name, Style style) {}
