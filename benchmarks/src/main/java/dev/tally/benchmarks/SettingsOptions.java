package dev.tally.benchmarks;

import dev.tally.benchmarks.figure.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options that become {@link Settings}; {@code --quick} changes the defaults, not what is said. */
final class SettingsOptions {

    private static final double GIB = 1024.0 * 1024 * 1024;

    @Option(
            names = "--quick",
            description = "One short run of everything small: shows that it works, measures nothing.")
    private boolean quick;

    @Option(names = "--seconds", paramLabel = "N", description = "How long is measured. Default: 10.")
    private @Nullable Integer seconds;

    @Option(names = "--warm-up", paramLabel = "N", description = "Seconds of the same load before. Default: 5.")
    private @Nullable Integer warmUp;

    @Option(names = "--idle", paramLabel = "N", description = "Seconds that an idle process is watched. Default: 20.")
    private @Nullable Integer idle;

    @Option(names = "--backlog", paramLabel = "N", description = "Messages that wait. Default: 1000000.")
    private @Nullable Integer backlog;

    @Option(names = "--undecided", paramLabel = "N", description = "Undecided half messages. Default: 100000.")
    private @Nullable Integer undecided;

    @Option(names = "--log-gib", paramLabel = "N", description = "Log that a killed broker finds. Default: 2.")
    private @Nullable Double logGib;

    @Option(
            names = "--heap",
            defaultValue = "2g",
            paramLabel = "SIZE",
            description = "-Xmx of each broker. Default: ${DEFAULT-VALUE}.")
    private String heap = "2g";

    @Option(
            names = "--profile",
            paramLabel = "DIR",
            description =
                    "Record our broker and services with JFR; recordings and what is in them go there. Figures suffer.")
    private @Nullable Path profile;

    boolean quick() {
        return quick;
    }

    Settings settings(Path home, CommandLine line) {
        return new Settings(
                home,
                Duration.ofSeconds(positive(line, "--seconds", seconds, 10, 2)),
                Duration.ofSeconds(positive(line, "--warm-up", warmUp, 5, 1)),
                Duration.ofSeconds(positive(line, "--idle", idle, 20, 2)),
                heap,
                positive(line, "--backlog", backlog, 1_000_000, 20_000),
                positive(line, "--undecided", undecided, 100_000, 1_000),
                Math.round(GIB * (logGib == null ? quick ? 0.1 : 2 : logGib)),
                Optional.ofNullable(profile)
                        .map(folder -> folder.toAbsolutePath().normalize()));
    }

    private int positive(CommandLine line, String name, @Nullable Integer said, int normally, int quickly) {
        if (said == null) {
            return quick ? quickly : normally;
        }
        if (said < 1) {
            throw new ParameterException(line, name + " must be at least 1, not " + said);
        }
        return said;
    }
}
