package dev.tally.benchmarks.consumer;

import dev.tally.benchmarks.application.AutoConfigurations;
import dev.tally.benchmarks.time.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** One life of the service within its process. */
final class ConsumerSession implements AutoCloseable {

    private static final int CONNECTIONS = 16;

    private final ConfigurableApplicationContext context;
    private final Effects effects;
    private final Handling handling;

    private ConsumerSession(ConfigurableApplicationContext context, Effects effects, Handling handling) {
        this.context = context;
        this.effects = effects;
        this.handling = handling;
    }

    /**
     * Opens the service; nothing is consumed yet.
     *
     * @param properties as arguments of the application
     */
    static ConsumerSession open(Style style, String topic, List<String> properties, Timing timing) {
        Effects effects = new Effects(timing);
        Handling handling = new Handling(timing);
        SpringApplication application = new SpringApplication(sources(style));
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setBannerMode(Banner.Mode.OFF);
        application.setLogStartupInfo(false);
        application.addInitializers(context -> {
            GenericApplicationContext generic = (GenericApplicationContext) context;
            generic.registerBean(Timing.class, () -> timing);
            generic.registerBean(Effects.class, () -> effects);
            generic.registerBean(Handling.class, () -> handling);
        });
        application.setDefaultProperties(Map.of(
                "spring.application.name",
                "bench",
                "spring.datasource.hikari.maximum-pool-size",
                CONNECTIONS,
                ConsumerApplication.SLEEP,
                "5ms",
                ConsumerApplication.THREADS,
                "4"));
        List<String> arguments = new ArrayList<>(ofStyle(style));
        arguments.add("--" + ConsumerApplication.TOPIC + "=" + topic);
        arguments.addAll(properties);
        return new ConsumerSession(application.run(arguments.toArray(new String[0])), effects, handling);
    }

    private static Class<?>[] sources(Style style) {
        List<Class<?>> all = new ArrayList<>();
        all.add(ConsumerApplication.class);
        all.add(style.isTally() ? TallyWiring.Life.class : ByHandWiring.Client.class);
        switch (style) {
            case TALLY -> all.add(TallyWiring.Updating.class);
            case TALLY_NO_INBOX -> all.addAll(List.of(TallyWiring.Updating.class, TallyWiring.Forgetful.class));
            case TALLY_SLEEPING -> all.add(TallyWiring.Sleeping.class);
            case BY_HAND_SINGLE, BY_HAND_BATCH -> all.add(ByHandWiring.Updating.class);
            case ORDERED_SLEEPING -> all.add(ByHandWiring.Sleeping.class);
        }
        return all.toArray(new Class<?>[0]);
    }

    private static List<String> ofStyle(Style style) {
        return switch (style) {
            case TALLY, TALLY_NO_INBOX, TALLY_SLEEPING ->
                List.of(
                        AutoConfigurations.only(AutoConfigurations.TALLY, AutoConfigurations.ROCKETMQ_SPRING),
                        "--tally.jdbc.initialize-schema=always");
            case BY_HAND_SINGLE -> List.of(AutoConfigurations.only(), "--" + ByHandWiring.BATCH + "=1");
            case BY_HAND_BATCH -> List.of(AutoConfigurations.only(), "--" + ByHandWiring.BATCH + "=32");
            case ORDERED_SLEEPING -> List.of(AutoConfigurations.only());
        };
    }

    void start() throws Exception {
        context.getBean(Consumption.class).start();
    }

    Effects effects() {
        return effects;
    }

    Handling handling() {
        return handling;
    }

    @Override
    public void close() {
        context.close();
    }
}
