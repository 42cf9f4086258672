package dev.tally.benchmarks.saga;

import dev.tally.benchmarks.figure.Report;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.figure.Suite;
import dev.tally.benchmarks.figure.Trial;
import dev.tally.benchmarks.figure.Workload;
import dev.tally.benchmarks.server.ServerKind;
import dev.tally.benchmarks.server.TallyServers;
import dev.tally.benchmarks.shop.Style;
import dev.tally.benchmarks.stage.StageTrial;
import dev.tally.benchmarks.time.Timing;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Sagas beside the same purchases written by hand. */
public final class SagaSuite implements Suite {

    private static final int RATE = 50;
    private static final int TIMERS_PART = 10;
    private static final int TAKEN_OVER_PART = 1000;

    private final Settings settings;
    private final Timing timing;
    private final Report report;
    private final ServerKind broker;
    private final Contender tally = new Contender("tally", Style.TALLY);
    private final Contender noBarrier = new Contender("tally-no-barrier", Style.TALLY_NO_BARRIER);
    private final Contender byHand = new Contender("by-hand", Style.BY_HAND);

    /** As the settings say. */
    public SagaSuite(Settings settings, Timing timing, Report report) {
        this.settings = settings;
        this.timing = timing;
        this.report = report;
        this.broker = new TallyServers(settings, timing);
    }

    @Override
    public String name() {
        return "saga";
    }

    @Override
    public List<String> comments() {
        long warm = settings.warmUp().multipliedBy(SagasWorkload.WARM_ROUNDS).toSeconds();
        return List.of(
                "shop: a Spring Boot application in a process of its own, java -Xmx" + settings.heap()
                        + " -XX:+UseG1GC, HikariCP, JdbcTemplate and Spring's transactions; orchestrator and participants in one"
                        + " process and one database where nothing else is said",
                "saga: begins with a business row in its transaction; three commands to three participants, one after the"
                        + " other, each with a row for its effect; a local confirmation, which updates the business row",
                "database: PostgreSQL, embedded, a new one for each run; fsync, synchronous_commit and full_page_writes"
                        + " are on, everything else is its default",
                "broker: ours, one process, acknowledging after fsync; 8 queues for each topic",
                "tally: all defaults; tally-no-barrier: the same with a barrier that remembers nothing; by-hand: the same"
                        + " rows and messages through our outbox and idempotent consumers, and a column that says how far the"
                        + " purchase is: no history, no timers, no way back",
                "no peers: Eventuate Tram Sagas is not run beside it, since it needs its CDC service, which comes as a container"
                        + " image, and a broker of another kind; nor is Seata Saga, which needs its server",
                "sagas: " + SagasWorkload.STARTERS + " threads start as long as no more than " + SagasWorkload.OPEN
                        + " sagas are open; counted are those that end in the window",
                "latency: from the return of the start's commit to the commit of the last step, at " + RATE + "/s",
                "statements: of a process that only orchestrates, its outbox included, the participants being another one;"
                        + " BEGIN and COMMIT not counted, a batch is one; for each of 4 steps, the local one included",
                "timers: rows of sagas that wait for an answer, all due at one moment; tally: the time-out ends them with a"
                        + " row; tally-commands: it sends a compensation, whose answer ends them; live sagas at " + RATE
                        + "/s, before while the others wait, during until the last of them has ended",
                "take-over: two orchestrators, and the participants in a third process; kill -9 of one right after it has"
                        + " started " + takenOver() + " sagas; went on: its row has changed",
                "a saga or an effect that is missing in the database fails the run; double effects are counted there",
                "warm-up: the load of workload sagas for " + warm + " s; after that " + RATE + "/s for " + warm
                        + " s where that is measured; window "
                        + settings.window().toMillis() + " ms for each run; figures are medians");
    }

    private long takenOver() {
        return Math.max(1, settings.backlog() / TAKEN_OVER_PART);
    }

    @Override
    public List<Workload> workloads() {
        SagasWorkload sagas = new SagasWorkload(settings);
        LatencyWorkload latency = new LatencyWorkload(RATE, settings, timing);
        StatementsWorkload statements = new StatementsWorkload(RATE, settings, timing);
        TakeOverWorkload takeOver = new TakeOverWorkload(takenOver(), timing);
        return List.of(
                workload("sagas", sagas::run, tally, noBarrier, byHand),
                workload("latency", latency::run, tally, noBarrier, byHand),
                workload("statements", statements::run, tally),
                new Workload(
                        "timers", List.of(timers("tally", "waiting"), timers("tally-commands", "waiting-commands"))),
                workload("take-over", takeOver::run, tally));
    }

    private Workload workload(String name, StageTrial.Body<Stage> body, Contender... contenders) {
        return new Workload(
                name,
                Stream.of(contenders).map(contender -> trial(contender, body)).toList());
    }

    private Trial timers(String name, String definition) {
        long timers = Math.max(1, settings.backlog() / TIMERS_PART);
        return trial(
                new Contender(name, Style.TALLY), new TimersWorkload(definition, timers, RATE, settings, timing)::run);
    }

    private Trial trial(Contender contender, StageTrial.Body<Stage> body) {
        return new StageTrial<>(contender.name(), directory -> open(contender, directory), body);
    }

    private Stage open(Contender contender, Path directory) throws Exception {
        return Stage.open(contender, directory, broker, settings, timing);
    }

    /** What runs in this process asks and waits; the shops warm themselves up. */
    @Override
    public void warmUp(Path directory) throws Exception {
        report.progress("nothing to warm up: each shop is a process of its own, and warms itself up");
    }
}
