package dev.tally.benchmarks.transport;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.figure.Trial;
import dev.tally.benchmarks.server.ChildProcess;
import dev.tally.benchmarks.server.JavaCommand;
import dev.tally.benchmarks.time.Timing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Runs a transport's own programme {@code dev.tally.transport.<module>.throughput.<program>} on the class path of that
 * module's tests, where its broker is: those of several would not agree on one.
 */
final class ThroughputTrial implements Trial {

    private static final Pattern RESULT = Pattern.compile("confirmed/s=(\\S+)");

    private final String contender;
    private final String module;
    private final String program;
    private final List<String> arguments;
    private final Settings settings;
    private final Timing timing;

    ThroughputTrial(
            String contender, String module, String program, List<String> arguments, Settings settings, Timing timing) {
        this.contender = contender;
        this.module = module;
        this.program = program;
        this.arguments = arguments;
        this.settings = settings;
        this.timing = timing;
    }

    @Override
    public String contender() {
        return contender;
    }

    @Override
    public List<Reading> run(Path directory) throws Exception {
        Path target = settings.home().resolve("transports").resolve(module).resolve("target");
        Path file = target.resolve("test-class-path");
        if (!Files.exists(file)) {
            throw new BenchmarkException("There is no " + file + ": the module is not built");
        }
        List<String> command = new ArrayList<>(List.of(
                "-Duser.home=" + directory,
                "-cp",
                target.resolve("test-classes") + ":" + target.resolve("classes") + ":"
                        + Files.readString(file).strip(),
                "dev.tally.transport." + module + ".throughput." + program,
                contender,
                directory.toString(),
                Long.toString(settings.warmUp().toMillis()),
                Long.toString(settings.window().toMillis())));
        command.addAll(arguments);
        ChildProcess child = ChildProcess.launch(
                new JavaCommand(settings.heap()).of(command.toArray(new String[0])),
                directory.resolve("errors.txt"),
                timing);
        try {
            return List.of(new Reading(Double.parseDouble(child.await(RESULT)), "messages/s"));
        } finally {
            child.close(true);
        }
    }
}
