package dev.tally.benchmarks.outbox;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Report;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.figure.Suite;
import dev.tally.benchmarks.figure.Trial;
import dev.tally.benchmarks.figure.Workload;
import dev.tally.benchmarks.publisher.Kind;
import dev.tally.benchmarks.publisher.PeerSettings;
import dev.tally.benchmarks.server.ServerKind;
import dev.tally.benchmarks.server.TallyServers;
import dev.tally.benchmarks.stage.StageTrial;
import dev.tally.benchmarks.time.Timing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The outbox beside plain JDBC and its peers. */
public final class OutboxSuite implements Suite {

    private static final int RATE = 200;
    private static final int DRAINED_PART = 10;
    private static final int MANY_NODES = 4;
    private static final String POISONED = Order.customerName(42);

    private final Settings settings;
    private final Timing timing;
    private final Report report;
    private final ServerKind brokers;

    // The same place under the same name: what is started again takes over at once.
    private final Contender tally = Contender.of("tally", Kind.TALLY, "--tally.outbox.instance=bench");
    private final Contender unkeyed =
            Contender.of("tally-unkeyed", Kind.TALLY_UNKEYED, "--tally.outbox.instance=bench");
    private final Contender broker = Contender.of(
            "tally-broker", Kind.TALLY_BROKER, "--tally.outbox.instance=bench", "--tally.rocketmq.send-timeout=30s");
    private final Contender row = Contender.of("row-only", Kind.ROW);
    private final Contender limit = Contender.of("limit", Kind.LIMIT);
    private final Contender limitPush = Contender.of("limit-push", Kind.LIMIT_PUSH);
    private final Contender[] peers = {
        Contender.of("modulith", Kind.MODULITH),
        Contender.of("namastack", Kind.NAMASTACK),
        Contender.of("transaction-outbox", Kind.TRANSACTION_OUTBOX),
        Contender.of("db-scheduler", Kind.DB_SCHEDULER)
    };

    /** As the settings say. */
    public OutboxSuite(Settings settings, Timing timing, Report report) {
        this.settings = settings;
        this.timing = timing;
        this.report = report;
        this.brokers = new TallyServers(settings, timing);
    }

    @Override
    public String name() {
        return "outbox";
    }

    @Override
    public List<String> comments() {
        List<String> all = new ArrayList<>(List.of(
                "service: a Spring Boot application in a process of its own, java -Xmx" + settings.heap()
                        + " -XX:+UseG1GC; a transaction is one business row and, but for row-only, one message of "
                        + Order.JSON_BYTES + " bytes of JSON whose key is one of 1000 customers in turns",
                "database: PostgreSQL, embedded, a new one for each run; fsync, synchronous_commit and full_page_writes"
                        + " are on, everything else is its default",
                "delivery: to a counter in the service's process, which sees what is lost or comes twice: a run in which"
                        + " a message does not arrive fails",
                "tally-broker: through our broker, a process of its own that acknowledges after fsync; the service's"
                        + " process consumes as well, in its processor time"));
        all.addAll(PeerSettings.describe());
        all.addAll(List.of(
                "publish: the relay runs; statements: executed by the application, BEGIN and COMMIT not counted, each"
                        + " element of a batch by itself, counted in a run of its own",
                "drain: stored by an earlier life of the service; from the first delivery to the last; warmed up by a"
                        + " drain of a fifth before",
                "delivery: from the return of the commit to the counter",
                "kill: all settings as above; seconds from the start of the successor's relay, not of its process",
                "nodes: 2 threads on each node; the counter confirms after 20 ms; a customer's orders are numbered under a"
                        + " lock in their transactions",
                "warm-up: 1000 transactions of 8 threads for each second of "
                        + settings.warmUp().toSeconds() + " s, and the same load for "
                        + settings.warmUp()
                                .multipliedBy(PublishWorkload.WARM_ROUNDS)
                                .toSeconds()
                        + " s: a run with a tenth of that measures the compiler; window "
                        + settings.window().toMillis() + " ms for each run; figures are medians"));
        return all;
    }

    @Override
    public List<Workload> workloads() {
        PublishWorkload publish = new PublishWorkload(settings);
        StatementsWorkload statements = new StatementsWorkload(settings, timing);
        DeliveryWorkload delivery = new DeliveryWorkload(RATE, settings);
        KillWorkload kill = new KillWorkload(settings, timing);
        PoisonWorkload poison = new PoisonWorkload(settings);
        long stored = Math.max(1, settings.backlog() / DRAINED_PART);
        DrainWorkload drain = new DrainWorkload(stored, false, timing);
        DrainWorkload large = new DrainWorkload(settings.backlog(), true, timing);
        Contender poisoned = Contender.of(
                "tally-poisoned", Kind.TALLY, "--tally.outbox.instance=bench", "--bench.poisoned-key=" + POISONED);
        return List.of(
                workload("publish-8", publish::run, tally, unkeyed, broker, row, limit, limitPush),
                workload("statements", statements::run, tally, limit, limitPush),
                workload("drain-" + count(stored), drain::run, tally, unkeyed, broker, limit),
                workload("delivery-" + RATE, delivery::run, tally, unkeyed, broker, limit, limitPush),
                only("drain-tenths-" + count(settings.backlog()), large::run, tally, limit),
                workload("kill", kill::run, tally, limit, limitPush),
                only("poison", stage -> poison.run(stage, POISONED), poisoned, tally),
                nodes("nodes-unkeyed", Kind.TALLY_UNKEYED),
                nodes("nodes-keyed", Kind.TALLY));
    }

    /** Ours and the plain lines, and then all peers. */
    private Workload workload(String name, StageTrial.Body<Stage> body, Contender... contenders) {
        List<Contender> all = new ArrayList<>(Arrays.asList(contenders));
        all.addAll(Arrays.asList(peers));
        return only(name, body, all.toArray(new Contender[0]));
    }

    private Workload only(String name, StageTrial.Body<Stage> body, Contender... contenders) {
        return new Workload(
                name,
                Arrays.stream(contenders)
                        .map(contender -> trial(contender, body))
                        .toList());
    }

    private Trial trial(Contender contender, StageTrial.Body<Stage> body) {
        return new StageTrial<>(contender.name(), directory -> open(contender, directory), body);
    }

    private Stage open(Contender contender, Path directory) throws Exception {
        return Stage.open(contender, directory, brokers, settings, timing);
    }

    private Workload nodes(String name, Kind kind) {
        return new Workload(
                name,
                List.of(
                        trial(
                                Contender.of("tally-" + MANY_NODES + "-nodes", kind),
                                new NodesWorkload(MANY_NODES, settings, timing)::run),
                        trial(Contender.of("tally-1-node", kind), new NodesWorkload(1, settings, timing)::run)));
    }

    private static String count(long number) {
        if (number >= 1_000_000 && number % 1_000_000 == 0) {
            return number / 1_000_000 + "m";
        }
        return number >= 1000 && number % 1000 == 0 ? number / 1000 + "k" : String.format(Locale.ROOT, "%d", number);
    }

    /** What runs in this process asks and waits; the services warm themselves up. */
    @Override
    public void warmUp(Path directory) throws Exception {
        try (Stage stage = open(limitPush, directory)) {
            List<Reading> warm = new DeliveryWorkload(RATE, settings).run(stage);
            report.progress("warm: delivered after " + warm.get(0).value() + " ms");
        }
    }
}
