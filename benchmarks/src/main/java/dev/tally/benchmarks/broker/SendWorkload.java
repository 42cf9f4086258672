package dev.tally.benchmarks.broker;

import dev.tally.benchmarks.client.Clients;
import dev.tally.benchmarks.client.SendLoad;
import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Report;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.machine.DiskUsage;
import dev.tally.benchmarks.machine.ProcessUsage;
import dev.tally.benchmarks.server.Flush;
import dev.tally.benchmarks.server.Server;
import dev.tally.benchmarks.server.ServerKind;
import dev.tally.benchmarks.time.Timing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.client.producer.TransactionSendResult;
import org.apache.rocketmq.common.message.Message;

/** Plain or transactional sends from some threads over one connection. */
final class SendWorkload {

    private static final String TOPIC = "bench-send";
    private static final double HALF = 50;
    private static final double WORST_IN_A_HUNDRED = 99;

    private final boolean transactional;
    private final int threads;
    private final Settings settings;
    private final Timing timing;
    private final Report report;

    SendWorkload(boolean transactional, int threads, Settings settings, Timing timing, Report report) {
        this.transactional = transactional;
        this.threads = threads;
        this.settings = settings;
        this.timing = timing;
        this.report = report;
    }

    List<Reading> run(ServerKind kind, Path directory, Flush flush) throws Exception {
        String label = (transactional ? "tx-" : "plain-") + flush.label() + "-" + threads;
        try (Server server = kind.start(directory, flush, label);
                Clients clients = new Clients(server.address(), timing)) {
            DefaultMQProducer producer = producer(clients);
            clients.createTopic(producer, TOPIC);
            Usage usage = new Usage(server, directory);
            SendLoad.Result result = load(producer, usage);
            long start = timing.nanos();
            clients.awaitVisible(producer, TOPIC, result.acknowledgedInAll());
            if (timing.since(start).compareTo(Duration.ofSeconds(1)) > 0) {
                report.progress("all visible " + timing.since(start).toMillis() + " ms after the last send");
            }
            if (settings.profiles().isPresent()) {
                report.progress("processor seconds by thread: " + usage.busiest());
            }
            return usage.readings(result);
        }
    }

    /** The same on a running server, without its usage. */
    double rate(Clients clients) throws Exception {
        DefaultMQProducer producer = producer(clients);
        clients.createTopic(producer, TOPIC);
        return load(producer, new SendLoad.Watcher() {
                    @Override
                    public void begins() {
                        // nothing is read
                    }

                    @Override
                    public void ends() {
                        // nothing is read
                    }
                })
                .perSecond();
    }

    private SendLoad.Result load(DefaultMQProducer producer, SendLoad.Watcher watcher) throws Exception {
        return new SendLoad(threads, send(producer), timing).run(settings.warmUp(), settings.window(), watcher);
    }

    private DefaultMQProducer producer(Clients clients) throws MQClientException {
        return transactional
                ? clients.transactionProducer("bench-transaction", LocalTransactionState.COMMIT_MESSAGE)
                : clients.producer();
    }

    private static SendLoad.Send send(DefaultMQProducer producer) {
        byte[] body = Clients.body();
        if (producer instanceof TransactionMQProducer transactions) {
            return () -> {
                TransactionSendResult result = transactions.sendMessageInTransaction(new Message(TOPIC, body), null);
                require(result.getSendStatus());
            };
        }
        return () -> require(producer.send(new Message(TOPIC, body)).getSendStatus());
    }

    private static void require(SendStatus status) throws MQClientException {
        if (status != SendStatus.SEND_OK) {
            throw new MQClientException("The broker answered " + status, null);
        }
    }

    /** What the server's process used in the window. */
    private static final class Usage implements SendLoad.Watcher {

        private final Server server;
        private final Path directory;
        private Duration used = Duration.ZERO;
        private OptionalLong written = OptionalLong.empty();
        private long logged;
        private Map<String, Duration> threadTimes = Map.of();

        Usage(Server server, Path directory) {
            this.server = server;
            this.directory = directory;
        }

        @Override
        public void begins() throws Exception {
            logged = server.logBytes();
            threadTimes = ProcessUsage.byThread(server.pid());
            written = DiskUsage.writtenBytes(directory);
            used = ProcessUsage.cpu(server.pid());
        }

        @Override
        public void ends() throws Exception {
            used = ProcessUsage.cpu(server.pid()).minus(used);
            OptionalLong before = written;
            written = before.isEmpty()
                    ? before
                    : OptionalLong.of(DiskUsage.writtenBytes(directory).orElseThrow() - before.getAsLong());
            Map<String, Duration> added = new HashMap<>();
            ProcessUsage.byThread(server.pid())
                    .forEach(
                            (name, time) -> added.put(name, time.minus(threadTimes.getOrDefault(name, Duration.ZERO))));
            threadTimes = added;
            logged = server.logBytes() - logged;
        }

        String busiest() {
            return threadTimes.entrySet().stream()
                    .filter(entry -> entry.getValue().toMillis() > 0)
                    .sorted(Map.Entry.<String, Duration>comparingByValue().reversed())
                    .map(entry -> entry.getKey() + " " + entry.getValue().toMillis() / 1e3)
                    .collect(Collectors.joining(", "));
        }

        List<Reading> readings(SendLoad.Result result) {
            double count = result.count();
            List<Reading> readings = new ArrayList<>(List.of(
                    new Reading(result.perSecond(), "messages/s"),
                    new Reading(result.millisAt(HALF), "ms p50"),
                    new Reading(result.millisAt(WORST_IN_A_HUNDRED), "ms p99"),
                    new Reading(used.toNanos() / 1e3 / count, "us broker CPU/message"),
                    new Reading(logged / count, "B log/message")));
            written.ifPresent(bytes -> readings.add(new Reading(bytes / count, "B to device/message")));
            return readings;
        }
    }
}
