package dev.tally.benchmarks.figure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How a suite is run.
 *
 * @param home the project's folder, where its builds lie
 * @param window how long is measured
 * @param warmUp how long is run before that
 * @param idle how long an idle process is watched
 * @param heap the largest heap of each broker, as {@code -Xmx} takes it
 * @param backlog messages that wait to be consumed
 * @param undecided half messages that stay undecided
 * @param logBytes how much log a killed broker finds when it is started again
 * @param profiles where flight recordings of our broker and what is in them go; empty for none
 */
public record Settings(
        Path home,
        Duration window,
        Duration warmUp,
        Duration idle,
        String heap,
        int backlog,
        int undecided,
        long logBytes,
        Optional<Path> profiles) {}
