package dev.tally.benchmarks.broker;

import dev.tally.benchmarks.client.Backlog;
import dev.tally.benchmarks.client.Clients;
import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Report;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.figure.Suite;
import dev.tally.benchmarks.figure.Trial;
import dev.tally.benchmarks.figure.Workload;
import dev.tally.benchmarks.server.Flush;
import dev.tally.benchmarks.server.RocketMqServers;
import dev.tally.benchmarks.server.Server;
import dev.tally.benchmarks.server.ServerKind;
import dev.tally.benchmarks.server.TallyServers;
import dev.tally.benchmarks.time.Timing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.common.MQVersion;

/** Our broker beside RocketMQ. */
public final class BrokerSuite implements Suite {

    private static final int[] THREADS = {1, 16, 64};
    private static final int WARM_UP_THREADS = 16;
    private static final int WARM_UP_BACKLOG = 50_000;
    private static final int STORAGE_PRODUCERS = 64;
    private static final int MILLION = 1_000_000;
    private static final int THOUSAND = 1000;
    private static final double GIB = 1024.0 * 1024 * 1024;

    private final Settings settings;
    private final Timing timing;
    private final Report report;
    private final ServerKind tally;
    private final ServerKind rocketMq;
    private final ServerKind rocketMqUncured;

    /** As the settings say. */
    public BrokerSuite(Settings settings, Timing timing, Report report) {
        this.settings = settings;
        this.timing = timing;
        this.report = report;
        this.tally = new TallyServers(settings, timing);
        this.rocketMq = new RocketMqServers(settings, true, timing);
        this.rocketMqUncured = new RocketMqServers(settings, false, timing);
    }

    @Override
    public String name() {
        return "broker";
    }

    @Override
    public List<String> comments() {
        return List.of(
                "client: rocketmq-client " + MQVersion.getVersionDesc(MQVersion.CURRENT_VERSION)
                        + " in this process, one producer for all threads; bodies of 1024 random bytes; 8 queues",
                "durability: -sync- acknowledged after fsync (RocketMQ SYNC_FLUSH); -async- before it (ASYNC_FLUSH);"
                        + " everything else is measured in sync mode",
                "brokers: one process each, java -Xmx" + settings.heap()
                        + " -XX:+UseG1GC; RocketMQ's name server runs in its broker's process",
                "rocketmq: defaults (transient store pool off), except addresses and paths; waitTimeMillsIn{Send,Pull,"
                        + "Transaction}Queue and osPageCacheBusyTimeOutMills 60000, so that a loaded machine makes sends"
                        + " late and not failed; diskMaxUsedSpaceRatio 98; it writes no logs; its Netty is Spring Boot's",
                "rocketmq: without its loop that takes a core after the first transaction (apache/rocketmq#10966);"
                        + " rocketmq-uncured has it",
                "B log/message: growth of the log; B to device/message: all that reached the device meanwhile, preallocation"
                        + " and other processes included",
                "warm-up " + settings.warmUp().toMillis() + " ms and window "
                        + settings.window().toMillis() + " ms for each run; figures are medians");
    }

    @Override
    public List<Workload> workloads() throws IOException, InterruptedException {
        List<Workload> all = new ArrayList<>();
        for (Flush flush : Flush.values()) {
            if (!tally.supports(flush)) {
                report.progress("skipped: this broker has no " + flush.label() + " flush, so plain-" + flush.label()
                        + "-* and tx-" + flush.label() + "-* are left out");
                continue;
            }
            addSends(all, flush);
        }
        String backlog = count(settings.backlog());
        BacklogWorkloads backlogs = new BacklogWorkloads(settings, timing, report);
        all.add(onBoth("consume-" + backlog, backlogs::consume));
        all.add(onBoth("send-with-" + backlog + "-and-" + count(settings.undecided()) + "-undecided", backlogs::send));
        ProcessWorkloads processes = new ProcessWorkloads(settings, timing, report);
        all.add(onBoth("start-empty", processes::startEmpty));
        all.add(onBoth(
                "start-after-kill-" + Math.round(settings.logBytes() / GIB * 10) / 10.0 + "g",
                processes::startAfterKill));
        all.add(new Workload(
                "idle",
                List.of(
                        new ServerTrial(tally, processes::idle),
                        new ServerTrial(rocketMq, processes::idle),
                        new ServerTrial(rocketMqUncured, processes::idle))));
        all.add(new Workload("start-embedded", List.of(trial("tally", processes::startEmbedded))));
        StorageWorkload storage = new StorageWorkload(STORAGE_PRODUCERS, settings, timing);
        all.add(new Workload(
                "storage-" + STORAGE_PRODUCERS,
                List.of(trial("tally-store", storage::chained), trial("bare-loop", storage::bareLoop))));
        all.add(new Workload(
                "storage-threads-" + STORAGE_PRODUCERS,
                List.of(trial("tally-store", storage::threads), trial("bare-loop", storage::bareLoop))));
        return all;
    }

    @Override
    public void warmUp(Path directory) throws Exception {
        try (Server server = rocketMq.start(directory, Flush.ASYNC, "warm-up");
                Clients clients = new Clients(server.address(), timing)) {
            var plain = new SendWorkload(false, WARM_UP_THREADS, settings, timing, report).rate(clients);
            var transactional = new SendWorkload(true, WARM_UP_THREADS, settings, timing, report).rate(clients);
            Backlog backlog = new Backlog(clients, timing);
            backlog.fill("bench-warm-up", WARM_UP_BACKLOG);
            var consumed = backlog.consume("bench-warm-up", WARM_UP_BACKLOG);
            report.progress("warm: " + Math.round(plain) + " plain and " + Math.round(transactional)
                    + " transactional messages/s, " + Math.round(consumed) + " consumed");
        }
    }

    private void addSends(List<Workload> all, Flush flush) {
        for (boolean transactional : new boolean[] {false, true}) {
            for (int threads : THREADS) {
                SendWorkload send = new SendWorkload(transactional, threads, settings, timing, report);
                all.add(onBoth(
                        (transactional ? "tx-" : "plain-") + flush.label() + "-" + threads,
                        (kind, directory) -> send.run(kind, directory, flush)));
            }
        }
    }

    private Workload onBoth(String name, ServerTrial.Body body) {
        return new Workload(name, List.of(new ServerTrial(tally, body), new ServerTrial(rocketMq, body)));
    }

    /** A trial inside this process. */
    @FunctionalInterface
    private interface Inside {
        List<Reading> run(Path directory) throws Exception;
    }

    private static Trial trial(String contender, Inside body) {
        return new Trial() {
            @Override
            public String contender() {
                return contender;
            }

            @Override
            public List<Reading> run(Path directory) throws Exception {
                return body.run(directory);
            }
        };
    }

    /** A count as it stands in names: 1m, 100k, 250. */
    static String count(int number) {
        if (number > 0 && number % MILLION == 0) {
            return number / MILLION + "m";
        }
        return number > 0 && number % THOUSAND == 0 ? number / THOUSAND + "k" : Integer.toString(number);
    }
}
