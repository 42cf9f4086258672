package dev.tally.benchmarks.consume;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.consumer.Style;
import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Report;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.figure.Suite;
import dev.tally.benchmarks.figure.Trial;
import dev.tally.benchmarks.figure.Workload;
import dev.tally.benchmarks.server.RocketMqServers;
import dev.tally.benchmarks.server.ServerKind;
import dev.tally.benchmarks.server.TallyServers;
import dev.tally.benchmarks.stage.StageTrial;
import dev.tally.benchmarks.time.Timing;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.rocketmq.common.MQVersion;

/** Consuming beside what is written by hand. */
public final class ConsumeSuite implements Suite {

    private static final int QUEUES = 8;
    private static final int KEYS = 64;
    private static final int UPDATES_PART = 10;
    private static final int DUPLICATES_PART = 20;
    private static final int SLEEPING_PART = 20;
    private static final int SINGLE_PART = 5;
    private static final int ORDERED_PART = 25;
    private static final int WARM_MESSAGES = 500;

    private final Settings settings;
    private final Timing timing;
    private final Report report;
    private final ServerKind tallyBroker;
    private final ServerKind rocketMq;
    private final Contender tally = Contender.of("tally", Style.TALLY, 1);
    private final Contender noInbox = Contender.of("tally-no-inbox", Style.TALLY_NO_INBOX, 1);
    private final Contender single = Contender.of("by-hand-single", Style.BY_HAND_SINGLE, SINGLE_PART);
    private final Contender batch = Contender.of("by-hand-batch", Style.BY_HAND_BATCH, 1);
    // A handler that sleeps keeps its connection meanwhile.
    private final Contender sleeping =
            Contender.of("tally", Style.TALLY_SLEEPING, 1, "--spring.datasource.hikari.maximum-pool-size=72");
    private final Contender sleepingAlone = Contender.of(
            "tally-batch-1",
            Style.TALLY_SLEEPING,
            1,
            "--spring.datasource.hikari.maximum-pool-size=72",
            "--tally.consumer.groups.bench-consume.batch=1");
    private final Contender ordered =
            Contender.of("ordered-listener", Style.ORDERED_SLEEPING, ORDERED_PART, "--bench.threads=" + KEYS);

    /** As the settings say. */
    public ConsumeSuite(Settings settings, Timing timing, Report report) {
        this.settings = settings;
        this.timing = timing;
        this.report = report;
        this.tallyBroker = new TallyServers(settings, timing);
        this.rocketMq = new RocketMqServers(settings, true, timing);
    }

    @Override
    public String name() {
        return "consume";
    }

    @Override
    public List<String> comments() {
        return List.of(
                "service: a Spring Boot application in a process of its own, java -Xmx" + settings.heap()
                        + " -XX:+UseG1GC, HikariCP, JdbcTemplate and Spring's transactions in all contenders; messages are "
                        + Order.JSON_BYTES + " bytes of JSON, decoded by all, and wait before the service is started",
                "database: PostgreSQL, embedded, a new one for each run; fsync, synchronous_commit and full_page_writes"
                        + " are on, everything else is its default",
                "brokers: one process each, acknowledging after fsync (RocketMQ SYNC_FLUSH), as in suite broker; client "
                        + MQVersion.getVersionDesc(MQVersion.CURRENT_VERSION),
                "msg/s: from the first commit to the last; ms: from the begin of a message's transaction to the return of"
                        + " its commit; double effects: counted in the database, where a missing one fails the run",
                "update and duplicates: " + QUEUES + " queues, " + Stage.CUSTOMERS
                        + " keys in turns, one UPDATE of the key's row; duplicates: each message is sent twice, in"
                        + " batches of 64, and each delivery counts",
                "tally: annotated method, all defaults: 4 handlers, 32 messages in a transaction, keys in order;"
                        + " tally-no-inbox: the same with an inbox that remembers nothing",
                "by-hand-single: the official client's concurrent listener, 4 threads, a transaction for each message with"
                        + " an insert into an inbox as ours and the update; a "
                        + SINGLE_PART + "th of the messages",
                "by-hand-batch: the same with consumeMessageBatchMaxSize 32: one insert of all ids, their updates by key;"
                        + " no order of keys",
                "keys-64: one queue, " + KEYS
                        + " keys in turns, a handler that sleeps 5 ms; tally: inbox on, concurrency "
                        + KEYS + ", 32 messages in a transaction; tally-batch-1: one; ordered-listener: the official"
                        + " client's, no database, a " + ORDERED_PART + "th of the messages",
                "warm-up: a fifth of the messages, from another topic, by the same process; figures are medians");
    }

    @Override
    public List<Workload> workloads() {
        WaitingWorkload update = waiting(new Load(QUEUES, Stage.CUSTOMERS, 1, settings.backlog() / UPDATES_PART));
        WaitingWorkload keys = waiting(new Load(1, KEYS, 1, settings.backlog() / SLEEPING_PART));
        WaitingWorkload duplicates =
                waiting(new Load(QUEUES, Stage.CUSTOMERS, 2, settings.backlog() / DUPLICATES_PART));
        return List.of(
                workload("update", update, tallyBroker, tally, noInbox, single, batch),
                workload("update-on-rocketmq", update, rocketMq, tally, noInbox, single, batch),
                workload("keys-64", keys, tallyBroker, sleeping, sleepingAlone, ordered),
                workload("keys-64-on-rocketmq", keys, rocketMq, sleeping, sleepingAlone, ordered),
                workload("duplicates", duplicates, tallyBroker, tally, single, batch));
    }

    private WaitingWorkload waiting(Load load) {
        return new WaitingWorkload(load, timing);
    }

    private Workload workload(String name, WaitingWorkload body, ServerKind broker, Contender... contenders) {
        return new Workload(
                name,
                Arrays.stream(contenders)
                        .map(contender -> trial(body, broker, contender))
                        .toList());
    }

    private Trial trial(WaitingWorkload body, ServerKind broker, Contender contender) {
        return new StageTrial<>(
                contender.name(), directory -> Stage.open(contender, directory, broker, settings, timing), body::run);
    }

    /** What runs in this process sends and waits; the services warm themselves up. */
    @Override
    public void warmUp(Path directory) throws Exception {
        try (Stage stage = Stage.open(batch, directory, tallyBroker, settings, timing)) {
            List<Reading> warm =
                    waiting(new Load(QUEUES, Stage.CUSTOMERS, 1, WARM_MESSAGES)).run(stage);
            report.progress("warm: " + Math.round(warm.get(0).value()) + " messages/s");
        }
    }
}
