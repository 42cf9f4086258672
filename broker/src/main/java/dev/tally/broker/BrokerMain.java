package dev.tally.broker;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The broker as a process. Prints one line when it is ready; what goes wrong is one line on the error stream and exit
 * code 1. SIGTERM stops it in order. The commands beside running it are classes of their own.
 *
 * @since 0.1
 */
@Command(
        name = "tally-broker",
        mixinStandardHelpOptions = true,
        versionProvider = BrokerMain.Version.class,
        subcommands = {CheckCommand.class, BackupCommand.class, CopyCommand.class},
        description = "A RocketMQ name server and broker in one process, for one machine.")
public final class BrokerMain implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = ConfigFile.OPTION,
            paramLabel = "FILE",
            description = "Read options from this file: Java properties, named like the options without their dashes."
                    + " The command line goes before.")
    private @Nullable Path configFile;

    @Option(names = "--data", paramLabel = "DIR", description = "Where the data is kept; created if absent.")
    private @Nullable Path data;

    @Option(
            names = "--port",
            defaultValue = "9876",
            paramLabel = "N",
            description = "The port to listen on; 0 for any free one. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            paramLabel = "H",
            description = "The address to listen on. Default: ${DEFAULT-VALUE}.")
    private String host = "127.0.0.1";

    @Option(
            names = "--advertised-host",
            paramLabel = "H",
            description = "The host that clients are told. Default: the address to listen on.")
    private @Nullable String advertisedHost;

    @Option(
            names = "--advertised-port",
            paramLabel = "N",
            description = "The port that clients are told. Default: the port listened on.")
    private @Nullable Integer advertisedPort;

    @Option(
            names = "--admin-port",
            paramLabel = "N",
            description = "Serve the status page on this port of loopback; 0 for any free one. Default: none.")
    private @Nullable Integer adminPort;

    @Option(
            names = "--admin-host",
            paramLabel = "H",
            description = "The address of the status page, which has no authentication. Default: 127.0.0.1.")
    private @Nullable String adminHost;

    @Option(
            names = "--auto-create-topics",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether sending to an unknown topic creates it. Default: ${DEFAULT-VALUE}.")
    private boolean autoCreateTopics = true;

    @Mixin
    private StorageOptions storage = new StorageOptions();

    @Mixin
    private MessagingOptions messaging = new MessagingOptions();

    @Mixin
    private SecurityOptions security = new SecurityOptions();

    @Mixin
    private LogOptions logging = new LogOptions();

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            description = "Connections above are refused. Default: 10000.")
    private @Nullable Integer maxConnections;

    @Option(
            names = "--max-connections-per-address",
            paramLabel = "N",
            description = "Connections of one remote address above are refused. Default: 2500.")
    private @Nullable Integer maxConnectionsPerAddress;

    @Option(
            names = "--idle-timeout",
            paramLabel = "SECONDS",
            description = "A connection from which nothing comes for that long is closed. Default: 120.")
    private @Nullable Integer idleTimeoutSeconds;

    @Option(
            names = "--frame-timeout",
            paramLabel = "SECONDS",
            description = "A request that is not complete after that long closes its connection. Default: 60.")
    private @Nullable Integer frameTimeoutSeconds;

    @Option(
            names = "--write-timeout",
            paramLabel = "SECONDS",
            description = "A client that takes nothing for that long is disconnected. Default: 30.")
    private @Nullable Integer writeTimeoutSeconds;

    /** For picocli. */
    public BrokerMain() {}

    /** Runs the broker until the process is told to stop. */
    public static void main(String[] arguments) {
        System.exit(run(commandLine(), arguments));
    }

    /** Runs a command line, with the configuration file that it names. */
    static int run(CommandLine line, String... arguments) {
        try {
            Path file = ConfigFile.named(arguments);
            if (file != null) {
                // Not for the commands beside: an option of theirs that is named alike means something else.
                line.getCommandSpec().defaultValueProvider(ConfigFile.read(file, line.getCommandSpec()));
            }
        } catch (IOException | InvalidPathException e) {
            line.getErr().println("tally-broker: " + e.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
        return line.execute(arguments);
    }

    /** The broker's commands; a failure is one line. */
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new BrokerMain()).setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((failure, arguments) -> {
            CommandLine at = failure.getCommandLine();
            Path file = ConfigFile.named(arguments);
            at.getErr()
                    .println("tally-broker: " + failure.getMessage()
                            + (file == null ? "" : " (on the command line or in " + file + ")")
                            + "; --help lists the options");
            return CommandLine.ExitCode.USAGE;
        });
        line.setExecutionExceptionHandler((failure, at, parsed) -> {
            at.getErr().println("tally-broker: " + FailureReason.of(failure));
            return CommandLine.ExitCode.SOFTWARE;
        });
        return line;
    }

    @Override
    public Integer call() throws InterruptedException {
        CommandLine line = Objects.requireNonNull(spec).commandLine();
        BrokerConfig config;
        try {
            config = config();
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(line, String.valueOf(e.getMessage()), e);
        }
        logging.apply();
        PrintWriter out = line.getOut();
        Broker broker = Broker.start(config);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            broker.close();
                            stopped.countDown();
                        },
                        "tally-broker-stop"));
        out.println("tally-broker " + Broker.version() + " ready on " + broker.address() + "; durability: "
                + broker.durability() + "; data: " + config.dataDirectory() + " ("
                + broker.stats().logBytes() + " bytes)"
                + (configFile == null ? "" : "; configuration: " + configFile)
                + broker.adminAddress()
                        .map(address ->
                                "; status: http://" + address.getHostString() + ":" + address.getPort() + "/status")
                        .orElse(""));
        out.flush();
        stopped.await();
        return CommandLine.ExitCode.OK;
    }

    /** What the options say. */
    BrokerConfig config() {
        if (data == null) {
            // Not marked as required: that would ask for it in front of the other commands as well.
            throw new CommandLine.ParameterException(
                    Objects.requireNonNull(spec).commandLine(), "Missing required option: '--data=DIR'");
        }
        BrokerConfig.Builder config =
                BrokerConfig.builder(data).host(host).port(port).autoCreateTopics(autoCreateTopics);
        if (advertisedHost != null) {
            config.advertisedHost(advertisedHost);
        }
        if (advertisedPort != null) {
            config.advertisedPort(advertisedPort);
        }
        if (adminPort != null) {
            config.adminPort(adminPort);
        }
        if (adminHost != null) {
            config.adminHost(adminHost);
        }
        storage.apply(config);
        messaging.apply(config);
        security.apply(config);
        limit(config);
        return config.build();
    }

    private void limit(BrokerConfig.Builder config) {
        if (maxConnections != null) {
            config.maxConnections(maxConnections);
        }
        if (maxConnectionsPerAddress != null) {
            config.maxConnectionsPerAddress(maxConnectionsPerAddress);
        }
        if (idleTimeoutSeconds != null) {
            config.idleTimeout(Duration.ofSeconds(idleTimeoutSeconds));
        }
        if (frameTimeoutSeconds != null) {
            config.frameTimeout(Duration.ofSeconds(frameTimeoutSeconds));
        }
        if (writeTimeoutSeconds != null) {
            config.writeTimeout(Duration.ofSeconds(writeTimeoutSeconds));
        }
    }

    /** The version for {@code --version}. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"tally-broker " + Broker.version()};
        }
    }
}
