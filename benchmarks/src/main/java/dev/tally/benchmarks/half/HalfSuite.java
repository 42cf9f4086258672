package dev.tally.benchmarks.half;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.application.Way;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.rocketmq.common.MQVersion;

/** Half messages with a database. */
public final class HalfSuite implements Suite {

    private static final int[] THREADS = {1, 8};
    private static final int RATE = 200;

    private final Settings settings;
    private final Timing timing;
    private final Report report;
    private final Contender half;
    private final Contender halfOnRocketMq;
    private final Contender outbox;
    private final Contender spring;
    private final Contender row;

    /** As the settings say. */
    public HalfSuite(Settings settings, Timing timing, Report report) {
        this.settings = settings;
        this.timing = timing;
        this.report = report;
        Optional<ServerKind> tally = Optional.of(new TallyServers(settings, timing));
        Optional<ServerKind> rocketMq = Optional.of(new RocketMqServers(settings, true, timing));
        this.half = new Contender("tally-half", Way.HALF, tally);
        this.halfOnRocketMq = new Contender("tally-half-on-rocketmq", Way.HALF, rocketMq);
        this.outbox = new Contender("tally-outbox", Way.OUTBOX, tally);
        this.spring = new Contender("rocketmq-spring", Way.ROCKETMQ_SPRING, rocketMq);
        this.row = new Contender("row-only", Way.ROW, Optional.empty());
    }

    @Override
    public String name() {
        return "half";
    }

    @Override
    public List<String> comments() {
        return List.of(
                "service: a Spring Boot application in a process of its own, java -Xmx" + settings.heap()
                        + " -XX:+UseG1GC, HikariCP with at most 16 connections, JdbcTemplate; a transaction is one"
                        + " business row and, but for row-only, one message of " + Order.JSON_BYTES
                        + " bytes of JSON with a key; topic of 8 queues",
                "database: PostgreSQL, embedded, a new one for each run; fsync, synchronous_commit and full_page_writes"
                        + " are on, everything else is its default",
                "brokers: one process each, acknowledging after fsync (RocketMQ SYNC_FLUSH), as in suite broker; RocketMQ"
                        + " without its loop that takes a core (apache/rocketmq#10966)",
                "rocketmq-spring: sendMessageInTransaction; the listener stores the row and a row in a log table in one"
                        + " transaction, and looks there when asked; client "
                        + MQVersion.getVersionDesc(MQVersion.CURRENT_VERSION),
                "tally-half: without fallback, and with patience for slow brokers, except in take-over, where all settings"
                        + " are defaults",
                "database-bytes: write-ahead log of 8 threads' transactions until the last row of the publication was"
                        + " removed, and of one VACUUM of its table",
                "delivery: from the return of the commit to a push consumer's listener in another process, one clock",
                "warm-up: 1000 transactions of 8 threads for each second of "
                        + settings.warmUp().toSeconds()
                        + " s, and the same load for that time; window "
                        + settings.window().toMillis()
                        + " ms for each run; figures are medians");
    }

    @Override
    public List<Workload> workloads() {
        List<Workload> all = new ArrayList<>();
        for (int threads : THREADS) {
            PublishWorkload publish = new PublishWorkload(threads, settings, timing, report);
            all.add(workload("publish-" + threads, publish::run, half, outbox, halfOnRocketMq, spring, row));
        }
        BytesWorkload bytes = new BytesWorkload(settings);
        all.add(new Workload(
                "database-bytes",
                List.of(
                        trial(half, stage -> bytes.run(stage, Way.HALF)),
                        trial(outbox, stage -> bytes.run(stage, Way.OUTBOX)))));
        DeliveryWorkload delivery = new DeliveryWorkload(RATE, settings, timing);
        all.add(workload("delivery-" + RATE, delivery::run, half, outbox, halfOnRocketMq, spring));
        TakeOverWorkload takeOver = new TakeOverWorkload(timing);
        all.add(workload("take-over", takeOver::run, half, halfOnRocketMq, spring));
        return all;
    }

    private Trial trial(Contender contender, StageTrial.Body<Stage> body) {
        return new StageTrial<>(
                contender.name(), directory -> Stage.open(contender, directory, settings, timing), body);
    }

    private Workload workload(String name, StageTrial.Body<Stage> body, Contender... contenders) {
        return new Workload(
                name,
                Arrays.stream(contenders)
                        .map(contender -> trial(contender, body))
                        .toList());
    }

    /** What runs in this process is a consumer; the services warm themselves up. */
    @Override
    public void warmUp(Path directory) throws Exception {
        try (Stage stage = Stage.open(half, directory, settings, timing)) {
            List<Reading> warm = new DeliveryWorkload(RATE, settings, timing).run(stage);
            report.progress("warm: delivered after " + warm.get(0).value() + " ms");
        }
    }
}
