package dev.tally.benchmarks.shop;

import dev.tally.benchmarks.application.AutoConfigurations;
import dev.tally.benchmarks.application.StatementCount;
import dev.tally.benchmarks.time.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** The application within its process; it runs from the beginning. */
final class ShopSession implements AutoCloseable {

    /** Three processes have to share a database with its default limit. */
    private static final int CONNECTIONS = 24;

    private final ConfigurableApplicationContext context;
    private final Progress progress;
    private final StatementCount statements;

    private ShopSession(ConfigurableApplicationContext context, Progress progress, StatementCount statements) {
        this.context = context;
        this.progress = progress;
        this.statements = statements;
    }

    /**
     * Starts the application.
     *
     * @param properties as its arguments
     */
    static ShopSession open(Style style, Role role, List<String> properties, Timing timing) {
        Progress progress = new Progress(timing);
        StatementCount statements = new StatementCount();
        SpringApplication application = new SpringApplication(sources(style, role));
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setBannerMode(Banner.Mode.OFF);
        application.setLogStartupInfo(false);
        application.addInitializers(context -> {
            GenericApplicationContext generic = (GenericApplicationContext) context;
            generic.registerBean(Progress.class, () -> progress);
            generic.registerBean(StatementCount.class, () -> statements);
        });
        application.setDefaultProperties(Map.of(
                "spring.application.name",
                "bench",
                "spring.datasource.hikari.maximum-pool-size",
                CONNECTIONS,
                "spring.datasource.hikari.minimum-idle",
                CONNECTIONS));
        List<String> arguments = new ArrayList<>(List.of(
                AutoConfigurations.only(AutoConfigurations.TALLY, AutoConfigurations.ROCKETMQ_SPRING),
                "--tally.jdbc.initialize-schema=always"));
        arguments.addAll(properties);
        return new ShopSession(application.run(arguments.toArray(new String[0])), progress, statements);
    }

    private static Class<?>[] sources(Style style, Role role) {
        List<Class<?>> all = new ArrayList<>(List.of(ShopApplication.class));
        if (style == Style.BY_HAND) {
            all.add(ByHandWiring.class);
            return all.toArray(new Class<?>[0]);
        }
        if (role.orchestrates()) {
            all.add(OrchestratorWiring.class);
        }
        if (role.participates()) {
            all.add(ParticipantWiring.All.class);
        }
        if (role.participates() && style == Style.TALLY_NO_BARRIER) {
            all.add(ParticipantWiring.Forgetful.class);
        }
        return all.toArray(new Class<?>[0]);
    }

    /** Begins a purchase. */
    void begin(Purchase purchase) {
        context.getBean(Purchases.class).begin(purchase);
        progress.begun(purchase.id());
    }

    /** Starts a saga alone; answers its id. */
    String start(String definition, Purchase purchase) {
        return context.getBean(SagaStarter.class).start(definition, purchase, () -> {});
    }

    Progress progress() {
        return progress;
    }

    StatementCount statements() {
        return statements;
    }

    @Override
    public void close() {
        context.close();
    }
}
