package dev.tally.broker;

import dev.tally.broker.transfer.Copy;
import dev.tally.broker.transfer.CopyOptions;
import dev.tally.broker.transfer.CopyResult;
import dev.tally.broker.transfer.Endpoint;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Copies topics and consumer groups between brokers: from this one to a RocketMQ cluster and back. */
@Command(
        name = "copy",
        mixinStandardHelpOptions = true,
        description = "Copy topics with their messages, and consumer groups with their positions, from one RocketMQ"
                + " name server to another; either can be this broker. Exit code 0: all copied and verified, 1: not"
                + " complete.")
final class CopyCommand implements Callable<Integer> {

    private static final long LAST_ROUND_SECONDS = 3600;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--from", required = true, paramLabel = "HOST:PORT", description = "The source's name server.")
    private @Nullable String from;

    @Option(names = "--to", required = true, paramLabel = "HOST:PORT", description = "The target's name server.")
    private @Nullable String to;

    @Option(
            names = "--to-broker",
            paramLabel = "NAME",
            description = "The broker of the target that gets the topics. Default: the only one.")
    private @Nullable String toBroker;

    @Option(names = "--topic", paramLabel = "NAME", description = "Copy this topic. Can be given several times.")
    private List<String> topics = new ArrayList<>();

    @Option(names = "--all-topics", description = "Copy all topics but those that brokers keep for themselves.")
    private boolean allTopics;

    @Option(
            names = "--group",
            paramLabel = "NAME",
            description = "Take this consumer group along: its configuration, positions, retries and dead letters. Can"
                    + " be given several times.")
    private List<String> groups = new ArrayList<>();

    @Option(names = "--all-groups", description = "Take all consumer groups along.")
    private boolean allGroups;

    @Option(
            names = "--state",
            paramLabel = "FILE",
            defaultValue = "tally-copy.json",
            description = "Keeps how far the copy is; the same command with the same file goes on there. Default:"
                    + " ${DEFAULT-VALUE}.")
    private Path state = Path.of("tally-copy.json");

    @Option(
            names = "--follow",
            description = "Go on with what arrives until interrupted; then copy what is there by now and end.")
    private boolean follow;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            defaultValue = "8",
            description = "How many queues are copied at a time. Default: ${DEFAULT-VALUE}.")
    private int parallel;

    @Option(
            names = "--merge-born-times",
            paramLabel = "MILLIS",
            defaultValue = "0",
            description = "Send neighbours that were born up to that long apart as one batch, which gives them one born"
                    + " time: several times faster to a RocketMQ. Default: ${DEFAULT-VALUE}.")
    private long mergeBornMillis;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "15",
            description = "How long an answer may take. Default: ${DEFAULT-VALUE}.")
    private long timeoutSeconds;

    @Option(
            names = "--attempts",
            paramLabel = "N",
            defaultValue = "30",
            description = "How often in succession a queue may fail by connections or a busy server, up to 2 seconds"
                    + " apart. Default: ${DEFAULT-VALUE}.")
    private int attempts;

    @Mixin
    private FromSide fromSide = new FromSide();

    @Mixin
    private ToSide toSide = new ToSide();

    @Mixin
    private LogOptions logging = new LogOptions();

    /** The source's account and encryption. */
    static final class FromSide {
        @Option(names = "--from-access-key", paramLabel = "KEY", description = "The account at the source.")
        private @Nullable String accessKey;

        @Option(
                names = "--from-secret-key",
                paramLabel = "KEY",
                description = "Its secret. Options can also be read from a file: @FILE.")
        private @Nullable String secretKey;

        @Option(names = "--from-tls", description = "Encrypt the connections to the source.")
        private boolean tls;

        @Option(
                names = "--from-tls-trust",
                paramLabel = "FILE",
                description = "The authorities of the source's certificates, in PEM form. Default: the JDK's.")
        private @Nullable Path trust;
    }

    /** The target's account and encryption. */
    static final class ToSide {
        @Option(names = "--to-access-key", paramLabel = "KEY", description = "The account at the target.")
        private @Nullable String accessKey;

        @Option(names = "--to-secret-key", paramLabel = "KEY", description = "Its secret.")
        private @Nullable String secretKey;

        @Option(names = "--to-tls", description = "Encrypt the connections to the target.")
        private boolean tls;

        @Option(
                names = "--to-tls-trust",
                paramLabel = "FILE",
                description = "The authorities of the target's certificates, in PEM form. Default: the JDK's.")
        private @Nullable Path trust;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        CommandLine line = Objects.requireNonNull(spec).commandLine();
        CopyOptions options;
        try {
            options = options();
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(line, String.valueOf(e.getMessage()), e);
        }
        logging.apply();
        PrintWriter out = line.getOut();
        AtomicInteger code = new AtomicInteger(CommandLine.ExitCode.SOFTWARE);
        CountDownLatch ended = new CountDownLatch(1);
        try (Copy copy = new Copy(options, text -> {
            out.println(text);
            out.flush();
        })) {
            Thread hook = new Thread(() -> end(copy, ended, code), "tally-copy-stop");
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                CopyResult result = copy.run();
                code.set(result.complete() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE);
            } finally {
                ended.countDown();
                unhook(hook);
            }
        }
        return code.get();
    }

    /** An interrupt ends the copy in order; the process then ends with the copy's exit code, not the signal's. */
    private static void end(Copy copy, CountDownLatch ended, AtomicInteger code) {
        copy.stop();
        try {
            if (!ended.await(LAST_ROUND_SECONDS, TimeUnit.SECONDS)) {
                code.set(CommandLine.ExitCode.SOFTWARE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(code.get());
    }

    private static void unhook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, by the hook.
            Thread.currentThread().setName("tally-copy-ended");
        }
    }

    private CopyOptions options() {
        return new CopyOptions(
                new Endpoint(
                        Objects.requireNonNull(from),
                        fromSide.accessKey,
                        fromSide.secretKey,
                        fromSide.tls,
                        fromSide.trust),
                new Endpoint(Objects.requireNonNull(to), toSide.accessKey, toSide.secretKey, toSide.tls, toSide.trust),
                toBroker,
                topics,
                allTopics,
                groups,
                allGroups,
                state,
                follow,
                parallel,
                Duration.ofMillis(mergeBornMillis),
                Duration.ofSeconds(timeoutSeconds),
                attempts);
    }
}
