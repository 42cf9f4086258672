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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What a broker does that holds much. */
final class BacklogWorkloads {

    private static final String TOPIC = "bench-backlog";
    private static final int THREADS = 16;

    private final Settings settings;
    private final Timing timing;
    private final Report report;

    BacklogWorkloads(Settings settings, Timing timing, Report report) {
        this.settings = settings;
        this.timing = timing;
        this.report = report;
    }

    /** A new group consumes all that waits. */
    List<Reading> consume(ServerKind kind, Path directory) throws Exception {
        try (Server server = kind.start(directory, Flush.SYNC, "consume");
                Clients clients = new Clients(server.address(), timing)) {
            Backlog backlog = new Backlog(clients, timing);
            backlog.fill(TOPIC, settings.backlog());
            Duration before = ProcessUsage.cpu(server.pid());
            double rate = backlog.consume(TOPIC, settings.backlog());
            double micros = ProcessUsage.cpu(server.pid()).minus(before).toNanos() / 1e3;
            return List.of(
                    new Reading(rate, "messages/s"), new Reading(micros / settings.backlog(), "us broker CPU/message"));
        }
    }

    /** Sends to a broker while it is empty, and again when messages and undecided half messages lie there. */
    List<Reading> send(ServerKind kind, Path directory) throws Exception {
        SendWorkload send = new SendWorkload(false, THREADS, settings, timing, report);
        try (Server server = kind.start(directory, Flush.SYNC, "backlog")) {
            double empty;
            try (Clients clients = new Clients(server.address(), timing)) {
                empty = send.rate(clients);
            }
            try (Clients clients = new Clients(server.address(), timing)) {
                Backlog backlog = new Backlog(clients, timing);
                backlog.fill(TOPIC, settings.backlog());
                backlog.leaveUndecided("bench-undecided", settings.undecided());
            }
            try (Clients clients = new Clients(server.address(), timing)) {
                double full = send.rate(clients);
                return List.of(
                        new Reading(empty, "messages/s empty"),
                        new Reading(full, "messages/s full"),
                        new Reading(full / empty, "full/empty"));
            }
        }
    }
}
