package dev.tally.sample.demo;

import dev.tally.sample.demo.process.Installation;
import dev.tally.sample.demo.process.Ports;
import dev.tally.sample.demo.process.ProcessFailedException;
import dev.tally.sample.demo.process.Site;
import dev.tally.sample.demo.time.Pacing;
import dev.tally.sample.demo.time.SystemPacing;
import dev.tally.sample.demo.watch.Progress;
import dev.tally.sample.demo.workload.InvoiceFile;
import dev.tally.sample.demo.workload.InvoiceFileException;
import dev.tally.sample.demo.workload.OrderGenerator;
import dev.tally.sample.demo.workload.Workload;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. Real time and real random numbers come in here and nowhere else. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpWidth = 110,
        version = "Tally demo 0.1.0-SNAPSHOT",
        description = {
            "Places orders through two services and a broker, kills each of the three with -9 while they work,",
            "and audits what is left."
        },
        footer = {"", "Exit codes: 0 consistent, 1 not consistent or failed, 2 wrong arguments or orders file."})
final class DemoCommand implements Callable<Integer> {

    private static final int NOT_CONSISTENT = 1;
    private static final int WRONG_INPUT = 2;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--orders",
            paramLabel = "FILE",
            description = {
                "CSV of invoices: InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country.",
                "Without it, orders are made up."
            })
    private @Nullable Path orders;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "2000",
            description = "Made-up orders; ${DEFAULT-VALUE} by default.")
    private int count;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Seed of the made-up orders and of the moments of the kills; random by default.")
    private @Nullable Long seed;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "8",
            description = "Orders placed at a time; ${DEFAULT-VALUE} by default.")
    private int threads;

    @Option(names = "--no-kill", description = "Kill nothing.")
    private boolean noKill;

    @Option(names = "--keep", description = "Leave everything running afterwards, and print the addresses.")
    private boolean keep;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Put data and logs into a new directory under DIR and keep them.")
    private @Nullable Path data;

    @Option(names = "--home", hidden = true, defaultValue = ".")
    private Path home = Path.of(".");

    @Option(names = "--terminal", hidden = true)
    private boolean terminal;

    private final PrintStream out;
    private final PrintStream err;
    private final Pacing pacing;
    private final RandomGenerator chance;

    private volatile boolean finished;
    private volatile boolean leaving;

    DemoCommand(PrintStream out, PrintStream err, Pacing pacing, RandomGenerator chance) {
        this.out = out;
        this.err = err;
        this.pacing = pacing;
        this.chance = chance;
    }

    /** Runs the demonstration and ends the process with its exit code. */
    public static void main(String[] args) {
        DemoCommand command = new DemoCommand(System.out, System.err, new SystemPacing(), new SplittableRandom());
        System.exit(commandLine(command).execute(args));
    }

    /** The command line around {@code command}; a mistake is answered by one line, not by the whole help. */
    static CommandLine commandLine(DemoCommand command) {
        return new CommandLine(command).setParameterExceptionHandler((mistake, args) -> {
            command.err.println("demo: " + mistake.getMessage() + " (see ./demo --help)");
            return WRONG_INPUT;
        });
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        check(count, 1, 1_000_000, "--count");
        check(threads, 1, 64, "--threads");
        long seedUsed = seed != null ? seed : chance.nextInt(1, 1_000_000);
        try {
            Workload workload = workload(seedUsed);
            return run(workload, new DemoOptions(seedUsed, threads, !noKill, keep, home));
        } catch (InvoiceFileException unusable) {
            err.println("demo: " + unusable.getMessage());
            return WRONG_INPUT;
        } catch (ProcessFailedException | DemoFailedException failed) {
            err.println("demo: " + failed.getMessage());
            return NOT_CONSISTENT;
        }
    }

    private Workload workload(long seedUsed) throws InvoiceFileException {
        if (orders != null) {
            return new InvoiceFile(orders).read();
        }
        return new OrderGenerator(new SplittableRandom(seedUsed), Demo.INITIAL_STOCK).generate(count, "made-up orders");
    }

    private int run(Workload workload, DemoOptions options)
            throws InterruptedException, IOException, ProcessFailedException, DemoFailedException {
        Installation installation = Installation.under(
                options.home().toAbsolutePath().normalize(), Path.of(System.getProperty("java.home")));
        Workspace workspace = Workspace.create(data);
        HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
        Site site = Site.layOut(installation, workspace.directory(), new Ports(chance), Demo.INITIAL_STOCK);
        Stage stage = new Stage(site, http, pacing);
        Thread cleaner = new Thread(() -> clean(stage, workspace), "clean-up");
        Runtime.getRuntime().addShutdownHook(cleaner);

        out.println("seed " + options.seed() + ", " + workload.source() + ", " + options.threads() + " threads");
        out.println("data and logs in " + workspace.directory());
        Progress progress = new Progress(out, terminal);
        Demo demo =
                new Demo(options, site, stage, http, new SplittableRandom(options.seed()).split(), pacing, progress);
        Outcome outcome;
        try {
            outcome = demo.run(workload);
            finished = true;
        } catch (DemoFailedException failed) {
            if (leaving) {
                // What failed did so because it was being stopped, and the clean-up has said that.
                return NOT_CONSISTENT;
            }
            finished = true;
            workspace.keep();
            throw new DemoFailedException(withLogs(failed.getMessage(), workspace.directory()), failed);
        }
        progress.note("");
        Report.of(outcome).forEach(out::println);
        if (!outcome.isConsistent()) {
            workspace.keep();
            out.println("data and logs are in " + workspace.directory());
        }
        end(site, stage, workspace, cleaner);
        return outcome.isConsistent() ? 0 : NOT_CONSISTENT;
    }

    private static String withLogs(@Nullable String message, Path directory) {
        String said = String.valueOf(message);
        return said.contains(directory.toString()) ? said : said + "; logs are in " + directory;
    }

    private void end(Site site, Stage stage, Workspace workspace, Thread cleaner) {
        if (keep) {
            workspace.keep();
            Runtime.getRuntime().removeShutdownHook(cleaner);
            Demo.addresses(site, stage).forEach(out::println);
        } else {
            stage.stop();
        }
    }

    /** On every way out, Ctrl-C included: nothing that was started outlives this process. */
    private void clean(Stage stage, Workspace workspace) {
        if (!finished) {
            leaving = true;
            err.println("demo: stopped before the end; stopping what it started");
        }
        stage.abandon();
        try {
            workspace.close();
        } catch (IOException failed) {
            err.println("demo: cannot delete " + workspace.directory() + ": " + failed.getMessage());
        }
    }

    private void check(int value, int least, int most, String option) {
        if (value < least || value > most) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    option + " must be from " + least + " to " + most + ", not " + value);
        }
    }
}
