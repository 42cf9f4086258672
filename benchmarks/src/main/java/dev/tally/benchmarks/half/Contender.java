package dev.tally.benchmarks.half;

import dev.tally.benchmarks.application.Way;
import dev.tally.benchmarks.server.ServerKind;
import java.util.Optional;

/**
 * A way of publishing, and the broker that it is measured on.
 *
 * @param name in the figures
 * @param broker empty for none
 */
record Contender(String name, Way way, Optional<ServerKind> broker) {}
