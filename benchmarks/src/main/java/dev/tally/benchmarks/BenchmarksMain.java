package dev.tally.benchmarks;

import dev.tally.benchmarks.broker.BrokerSuite;
import dev.tally.benchmarks.consume.ConsumeSuite;
import dev.tally.benchmarks.figure.Alternation;
import dev.tally.benchmarks.figure.Report;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.figure.Suite;
import dev.tally.benchmarks.figure.Workload;
import dev.tally.benchmarks.half.HalfSuite;
import dev.tally.benchmarks.machine.Machine;
import dev.tally.benchmarks.outbox.OutboxSuite;
import dev.tally.benchmarks.saga.SagaSuite;
import dev.tally.benchmarks.time.SystemTiming;
import dev.tally.benchmarks.time.Timing;
import dev.tally.benchmarks.transport.TransportsSuite;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command line: figures on standard output, progress on the error stream. */
@Command(
        name = "benchmarks/run",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures Tally beside its peers; prints suite,workload,contender,figure,unit.")
public final class BenchmarksMain implements Callable<Integer> {

    private static final Map<String, SuiteFactory> SUITES = new TreeMap<>(Map.of(
            "broker", BrokerSuite::new,
            "consume", ConsumeSuite::new,
            "half", HalfSuite::new,
            "outbox", OutboxSuite::new,
            "saga", SagaSuite::new,
            "transports", TransportsSuite::new));

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(
            paramLabel = "SUITE",
            description = "What to measure: broker, consume, half, outbox, saga or transports.")
    private String suite = "";

    @Option(
            names = "--runs",
            defaultValue = "3",
            paramLabel = "N",
            description = "How often each contender runs each workload, in turns. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Option(
            names = "--only",
            defaultValue = "*",
            paramLabel = "PATTERN",
            description = "Only workloads of that name; * stands for anything.")
    private String only = "*";

    @Option(
            names = "--contender",
            defaultValue = "*",
            paramLabel = "PATTERN",
            description = "Only contenders of that name.")
    private String contender = "*";

    @Option(names = "--list", description = "Prints the workloads' names and ends.")
    private boolean list;

    @Option(names = "--home", hidden = true, defaultValue = ".", paramLabel = "DIR")
    private Path home = Path.of(".");

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Where the runs' files lie, on the disk to be measured. Default: benchmarks/target/runs.")
    private @Nullable Path directory;

    @Mixin
    private SettingsOptions options = new SettingsOptions();

    /** For picocli. */
    public BenchmarksMain() {}

    /** How a suite is made. */
    @FunctionalInterface
    interface SuiteFactory {
        Suite create(Settings settings, Timing timing, Report report);
    }

    /** Runs. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new BenchmarksMain());
    }

    @Override
    public Integer call() throws Exception {
        CommandLine line = Objects.requireNonNull(spec).commandLine();
        SuiteFactory factory = SUITES.get(suite);
        if (factory == null) {
            throw new ParameterException(
                    line, "There is no suite \"" + suite + "\"; there is: " + String.join(", ", SUITES.keySet()));
        }
        if (runs < 1) {
            throw new ParameterException(line, "--runs must be at least 1, not " + runs);
        }
        Report report = new Report(line.getOut(), line.getErr());
        Suite chosen =
                factory.create(options.settings(home.toAbsolutePath().normalize(), line), new SystemTiming(), report);
        List<Workload> workloads = chosen.workloads().stream()
                .filter(workload -> workload.matches(only))
                .map(workload -> workload.with(contender))
                .filter(workload -> !workload.trials().isEmpty())
                .toList();
        if (workloads.isEmpty()) {
            throw new ParameterException(
                    line,
                    "No workload of suite " + suite + " matches \"" + only + "\" with contender \"" + contender
                            + "\"; see --list");
        }
        if (list) {
            workloads.forEach(workload -> line.getOut().println(workload.name()));
            return CommandLine.ExitCode.OK;
        }
        return measure(chosen, workloads, report);
    }

    private int measure(Suite chosen, List<Workload> workloads, Report report) throws Exception {
        Path files = directory == null ? home.resolve("benchmarks/target/runs") : directory;
        files = files.toAbsolutePath().normalize();
        Machine.describe(files).forEach(report::comment);
        chosen.comments().forEach(report::comment);
        report.comment("runs of each contender, in turns: " + (options.quick() ? 1 : runs));
        report.head();
        Alternation alternation = new Alternation(chosen.name(), options.quick() ? 1 : runs, files, report);
        alternation.warmUp(chosen);
        int failed = alternation.run(workloads);
        report.comment("load average at the end: " + Machine.loadAverage());
        if (failed > 0) {
            report.progress(failed + " runs failed");
        }
        return failed == 0 ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }
}
