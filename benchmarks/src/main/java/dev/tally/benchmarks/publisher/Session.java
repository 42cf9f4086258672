package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.application.AutoConfigurations;
import dev.tally.benchmarks.application.StatementCount;
import dev.tally.benchmarks.time.Timing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** One life of the service within its process, with deliveries of its own. */
final class Session implements AutoCloseable {

    static final int CONNECTIONS = 32;

    private final ConfigurableApplicationContext context;
    private final DeliveryLog log;
    private final Deliveries deliveries;
    private final Commits commits;
    private final StatementCount statements;

    private Session(
            ConfigurableApplicationContext context,
            DeliveryLog log,
            Deliveries deliveries,
            Commits commits,
            StatementCount statements) {
        this.context = context;
        this.log = log;
        this.deliveries = deliveries;
        this.commits = commits;
        this.statements = statements;
    }

    /**
     * Opens the service; its relay is not started.
     *
     * @param properties as arguments of the application
     * @param logFile where deliveries are noted; empty for nowhere
     */
    static Session open(Kind kind, List<String> properties, Optional<Path> logFile, Timing timing) throws IOException {
        DeliveryLog log = DeliveryLog.to(logFile);
        Deliveries deliveries = new Deliveries(timing, log);
        Commits commits = new Commits(timing);
        StatementCount statements = new StatementCount();
        SpringApplication application = new SpringApplication(sources(kind));
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setBannerMode(Banner.Mode.OFF);
        application.setLogStartupInfo(false);
        application.addInitializers(context -> {
            GenericApplicationContext generic = (GenericApplicationContext) context;
            generic.registerBean(Timing.class, () -> timing);
            generic.registerBean(Deliveries.class, () -> deliveries);
            generic.registerBean(Commits.class, () -> commits);
            generic.registerBean(StatementCount.class, () -> statements);
        });
        application.setDefaultProperties(Map.of(
                "spring.application.name",
                "bench",
                "spring.datasource.hikari.maximum-pool-size",
                CONNECTIONS,
                "spring.datasource.hikari.minimum-idle",
                CONNECTIONS));
        List<String> arguments = new ArrayList<>(ofKind(kind));
        arguments.addAll(properties);
        ConfigurableApplicationContext context = application.run(arguments.toArray(new String[0]));
        return new Session(context, log, deliveries, commits, statements);
    }

    private static Class<?>[] sources(Kind kind) {
        return switch (kind) {
            case TALLY -> sources(TallyWiring.Sink.class, TallyWiring.Keyed.class);
            case TALLY_UNKEYED -> sources(TallyWiring.Sink.class, TallyWiring.Unkeyed.class);
            case TALLY_BROKER -> sources(BrokerWiring.class, TallyWiring.Keyed.class);
            case ROW -> sources(RowWiring.class);
            case LIMIT -> sources(LimitWiring.Table.class, LimitWiring.Polled.class);
            case LIMIT_PUSH -> sources(LimitWiring.Table.class, LimitWiring.Pushed.class);
            case MODULITH -> sources(ModulithWiring.class);
            case NAMASTACK -> sources(NamastackWiring.class);
            case TRANSACTION_OUTBOX -> sources(TransactionOutboxWiring.class);
            case DB_SCHEDULER -> sources(DbSchedulerWiring.class);
        };
    }

    private static Class<?>[] sources(Class<?>... wiring) {
        List<Class<?>> all = new ArrayList<>(List.of(wiring));
        all.add(0, PublisherApplication.class);
        return all.toArray(new Class<?>[0]);
    }

    private static List<String> ofKind(Kind kind) {
        return switch (kind) {
            case TALLY, TALLY_UNKEYED ->
                List.of(AutoConfigurations.only(AutoConfigurations.TALLY), "--tally.jdbc.initialize-schema=always");
            case TALLY_BROKER ->
                List.of(
                        AutoConfigurations.only(AutoConfigurations.TALLY, AutoConfigurations.ROCKETMQ_SPRING),
                        "--tally.jdbc.initialize-schema=always");
            case MODULITH ->
                List.of(
                        AutoConfigurations.only("org.springframework.modulith."),
                        "--spring.modulith.events.completion-mode=delete");
            case NAMASTACK -> {
                List<String> properties = new ArrayList<>(List.of(AutoConfigurations.only("io.namastack.")));
                NamastackWiring.PROPERTIES.forEach(property -> properties.add("--" + property));
                yield properties;
            }
            case ROW, LIMIT, LIMIT_PUSH, TRANSACTION_OUTBOX, DB_SCHEDULER -> List.of(AutoConfigurations.only());
        };
    }

    Orders orders() {
        return context.getBean(Orders.class);
    }

    Relay relay() {
        return context.getBean(Relay.class);
    }

    Deliveries deliveries() {
        return deliveries;
    }

    Commits commits() {
        return commits;
    }

    StatementCount statements() {
        return statements;
    }

    @Override
    public void close() throws IOException {
        context.close();
        log.close();
    }
}
