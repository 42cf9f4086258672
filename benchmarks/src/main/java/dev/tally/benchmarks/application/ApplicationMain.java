package dev.tally.benchmarks.application;

import dev.tally.benchmarks.time.SystemTiming;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.spring.autoconfigure.RocketMQAutoConfiguration;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The service as a process. Says {@link #READY}, runs the {@link Commands} that it reads, one a line, and ends when its
 * input is closed.
 */
public final class ApplicationMain {

    /** Said when commands are taken. */
    public static final String READY = "ready";

    private ApplicationMain() {}

    /**
     * Runs.
     *
     * @param arguments the {@link Way}, the database's JDBC address, the broker's name server address, the first order's
     *     id, and Spring properties
     */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        Way way = Way.valueOf(arguments[0]);
        List<String> properties = new ArrayList<>(List.of(
                "--spring.application.name=bench",
                AutoConfigurations.only(AutoConfigurations.TALLY, AutoConfigurations.ROCKETMQ_SPRING),
                "--spring.datasource.url=" + arguments[1],
                "--spring.datasource.hikari.maximum-pool-size=16",
                "--rocketmq.name-server=" + arguments[2]));
        properties.addAll(List.of(arguments).subList(4, arguments.length));
        SpringApplication application = application(way);
        try (ConfigurableApplicationContext context = application.run(properties.toArray(new String[0]))) {
            Commands commands = new Commands(
                    context.getBean(ordersOf(way)),
                    context.getBean(RowOrders.class),
                    context.getBean(CommitHook.class),
                    Long.parseLong(arguments[3]),
                    new SystemTiming());
            out.println(READY);
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                out.println(commands.run(line));
            }
        }
    }

    private static SpringApplication application(Way way) {
        List<Class<?>> sources =
                new ArrayList<>(List.of(OrderTable.class, CommitHook.class, RowOrders.class, ordersOf(way)));
        switch (way) {
            case HALF, OUTBOX -> sources.add(WithTally.class);
            case ROCKETMQ_SPRING -> {
                sources.add(WithRocketMqSpring.class);
                sources.add(LoggedTransactions.class);
            }
            case ROW -> sources.add(WithJdbc.class);
        }
        SpringApplication application = new SpringApplication(sources.toArray(new Class<?>[0]));
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setBannerMode(Banner.Mode.OFF);
        application.setLogStartupInfo(false);
        return application;
    }

    private static Class<? extends Orders> ordersOf(Way way) {
        return switch (way) {
            case HALF -> HalfOrders.class;
            case OUTBOX -> OutboxOrders.class;
            case ROCKETMQ_SPRING -> RocketMqSpringOrders.class;
            case ROW -> RowOrders.class;
        };
    }

    /** As users have it: everything that is on the class path, but for other suites' contenders. */
    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class WithTally {}

    /** Without Tally, which is on the class path as well. */
    @SpringBootConfiguration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        DataSourceAutoConfiguration.class,
        DataSourceTransactionManagerAutoConfiguration.class,
        JdbcTemplateAutoConfiguration.class,
        TransactionAutoConfiguration.class
    })
    static class WithJdbc {}

    /** The same, with rocketmq-spring. */
    @SpringBootConfiguration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        DataSourceAutoConfiguration.class,
        DataSourceTransactionManagerAutoConfiguration.class,
        JdbcTemplateAutoConfiguration.class,
        TransactionAutoConfiguration.class,
        RocketMQAutoConfiguration.class
    })
    static class WithRocketMqSpring {}
}
