package dev.tally.broker;

import java.util.Locale;
import picocli.CommandLine.Option;

/** The options of a running broker that are about its own log, on the error stream. */
final class LogOptions {

    private static final String CONFIGURATION = "logback.configurationFile";
    private static final String LEVEL = "tally.log.level";

    /** How a line of the log looks. */
    enum Format {
        /** For people. */
        TEXT,
        /** One JSON object in each line. */
        JSON
    }

    /** What is logged. */
    enum Level {
        ERROR,
        WARN,
        INFO,
        DEBUG
    }

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "Lines for people, or a JSON object in each line. Default: ${DEFAULT-VALUE}.")
    private Format format = Format.TEXT;

    @Option(
            names = "--log-level",
            paramLabel = "error|warn|info|debug",
            defaultValue = "info",
            description = "The least that is logged. Default: ${DEFAULT-VALUE}.")
    private Level level = Level.INFO;

    /** Takes effect where nothing was logged yet; a Logback configuration that the user names goes before. */
    void apply() {
        setUnlessSet(CONFIGURATION, "dev/tally/broker/logback-" + format.name().toLowerCase(Locale.ROOT) + ".xml");
        setUnlessSet(LEVEL, level.name());
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
