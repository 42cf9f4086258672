package dev.tally.benchmarks.broker;

import dev.tally.benchmarks.client.Backlog;
import dev.tally.benchmarks.client.Clients;
import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Report;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.machine.ProcessUsage;
import dev.tally.benchmarks.server.Flush;
import dev.tally.benchmarks.server.Server;
import dev.tally.benchmarks.server.ServerKind;
import dev.tally.benchmarks.time.Timing;
import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;

/** What a broker's process costs, and how soon it is there. */
final class ProcessWorkloads {

    private static final String TOPIC = "bench-process";
    private static final int THREADS = 64;
    private static final int RECORD_BYTES = 1200;
    private static final double MIB = 1024 * 1024;
    /** RocketMQ takes a core in its first 10 seconds (apache/rocketmq#10515). */
    private static final Duration SETTLE = Duration.ofSeconds(12);

    private final Settings settings;
    private final Timing timing;
    private final Report report;

    ProcessWorkloads(Settings settings, Timing timing, Report report) {
        this.settings = settings;
        this.timing = timing;
        this.report = report;
    }

    /** From launch to ready, on an empty directory. */
    List<Reading> startEmpty(ServerKind kind, Path directory) throws Exception {
        try (Server server = kind.start(directory, Flush.SYNC, "start")) {
            sendOne(server);
            return List.of(new Reading(server.startTook().toMillis(), "ms to ready"));
        }
    }

    /** From launch to ready, on what a killed process left. */
    List<Reading> startAfterKill(ServerKind kind, Path directory) throws Exception {
        Server killed = kind.start(directory, Flush.SYNC, "before-kill");
        try (killed) {
            try (Clients clients = new Clients(killed.address(), timing)) {
                new Backlog(clients, timing).fill(TOPIC, settings.logBytes() / RECORD_BYTES);
            }
            killed.kill();
        }
        try (Server server = kind.start(directory, Flush.SYNC, "after-kill")) {
            double bytes = server.logBytes();
            sendOne(server);
            return List.of(
                    new Reading(server.startTook().toMillis(), "ms to ready"),
                    new Reading(bytes / MIB, "MiB of log"),
                    new Reading(ProcessUsage.residentBytes(server.pid()) / MIB, "MiB resident"));
        }
    }

    private void sendOne(Server server) throws Exception {
        try (Clients clients = new Clients(server.address(), timing)) {
            DefaultMQProducer producer = clients.producer();
            clients.createTopic(producer, TOPIC + "-one");
            producer.send(new Message(TOPIC + "-one", Clients.body()));
        }
    }

    /** Memory and processor time with nothing to do, before and after transactions. */
    List<Reading> idle(ServerKind kind, Path directory) throws Exception {
        try (Server server = kind.start(directory, Flush.SYNC, "idle")) {
            timing.pause(SETTLE);
            double memoryBefore = ProcessUsage.residentBytes(server.pid()) / MIB;
            double processorBefore = idlePercent(server);
            try (Clients clients = new Clients(server.address(), timing)) {
                var unused = new SendWorkload(true, THREADS, settings, timing, report).rate(clients);
            }
            timing.pause(SETTLE);
            double processorAfter = idlePercent(server);
            double memoryAfter = ProcessUsage.residentBytes(server.pid()) / MIB;
            return List.of(
                    new Reading(memoryBefore, "MiB resident after start"),
                    new Reading(memoryAfter, "MiB resident after transactions"),
                    new Reading(processorBefore, "% of a core after start"),
                    new Reading(processorAfter, "% of a core after transactions"));
        }
    }

    private double idlePercent(Server server) throws Exception {
        Duration before = ProcessUsage.cpu(server.pid());
        long start = timing.nanos();
        timing.pause(settings.idle());
        double share = ProcessUsage.cpu(server.pid()).minus(before).toNanos();
        return 100 * share / timing.since(start).toNanos();
    }

    /** Inside this process, which did it before. */
    List<Reading> startEmbedded(Path directory) {
        try (Broker warmUp =
                Broker.start(BrokerConfig.builder(directory.resolve("warm-up")).build())) {
            report.progress("embedded broker was at " + warmUp.address());
        }
        long start = timing.nanos();
        try (Broker broker =
                Broker.start(BrokerConfig.builder(directory.resolve("data")).build())) {
            double millis = timing.since(start).toNanos() / 1e6;
            report.progress("embedded broker is at " + broker.address());
            return List.of(new Reading(millis, "ms to ready"));
        }
    }
}
