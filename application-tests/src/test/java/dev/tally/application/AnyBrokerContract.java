package dev.tally.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.publish.TransactionalPublisher;
import dev.tally.publish.Via;
import dev.tally.transport.Transport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * One service over one broker after the other: what it has on its class path and in its configuration differs, and nothing
 * else.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
public abstract class AnyBrokerContract {

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @Import(Shop.class)
    public static class Application {}

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @Import(HalfMessages.class)
    public static class ApplicationWithHalfMessages {}

    public static class HalfMessages {

        @TransactionalPublisher(topic = "halves", via = Via.HALF_MESSAGE)
        public String publish() {
            return "half";
        }
    }

    private static final int CUSTOMERS = 8;
    private static final int ORDERS_OF_EACH = 60;

    /** Beginnings of the names of classes that come with one transport only. */
    private static final List<String> TRANSPORTS = List.of(
            "dev.tally.broker.",
            "dev.tally.transport.kafka.",
            "dev.tally.transport.rabbitmq.",
            "dev.tally.transport.jms.",
            "org.apache.activemq.artemis.",
            "org.apache.activemq.ActiveMQ",
            "dev.tally.transport.redis.",
            "dev.tally.transport.pulsar.");

    private final String name;
    private final List<String> onClassPath;
    private RunningBroker broker;
    private ConfigurableApplicationContext application;
    private JdbcTemplate jdbc;
    private Shop shop;

    /**
     * Creates it.
     *
     * @param name of the transport
     * @param onClassPath which of the transports' classes are there
     */
    AnyBrokerContract(String name, String... onClassPath) {
        this.name = name;
        this.onClassPath = List.of(onClassPath);
    }

    /** Starts the broker, which has nothing yet. */
    abstract RunningBroker startBroker(Path folder);

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        broker = startBroker(Files.createDirectory(folder.resolve("broker")));
        application = run(Application.class, name);
        jdbc = application.getBean(JdbcTemplate.class);
        jdbc.execute("CREATE TABLE placed (customer VARCHAR(16), number INT)");
        jdbc.execute("CREATE TABLE reserved (id INT AUTO_INCREMENT PRIMARY KEY, customer VARCHAR(16), number INT)");
        shop = application.getBean(Shop.class);
    }

    @AfterAll
    void stop() {
        try (RunningBroker last = broker) {
            if (application != null) {
                application.close();
            }
        }
    }

    private ConfigurableApplicationContext run(Class<?> type, String database) {
        List<String> arguments = new ArrayList<>(broker.properties());
        arguments.add("--spring.application.name=shop");
        arguments.add("--spring.datasource.url=jdbc:h2:mem:" + database + ";DB_CLOSE_DELAY=-1");
        arguments.add("--tally.jdbc.initialize-schema=always");
        Predicate<String> otherTransports = className ->
                TRANSPORTS.stream().anyMatch(other -> className.startsWith(other) && !onClassPath.contains(other));
        return new SpringApplicationBuilder(type)
                .web(WebApplicationType.NONE)
                .resourceLoader(new DefaultResourceLoader(new FilteredClassLoader(otherTransports)))
                .run(arguments.toArray(String[]::new));
    }

    @Test
    void whatCommittedTakesEffectOnceAndInOrderThoughTheBrokerIsKilled() {
        assertThat(application.getBean(Transport.class).name()).isEqualTo(name);
        for (int number = 0; number < ORDERS_OF_EACH; number++) {
            if (number == ORDERS_OF_EACH / 3) {
                broker.kill();
            } else if (number == 2 * ORDERS_OF_EACH / 3) {
                broker.start();
            }
            for (int customer = 0; customer < CUSTOMERS; customer++) {
                place("customer-" + customer, number);
            }
        }

        Map<String, List<Integer>> placed = of("placed");
        assertThat(placed).hasSize(CUSTOMERS);
        await().atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(of("reserved")).isEqualTo(placed));
        await().during(Duration.ofSeconds(1))
                .untilAsserted(() -> assertThat(of("reserved")).isEqualTo(placed));
    }

    private void place(String customer, int number) {
        if (number % 10 == 7) {
            assertThatThrownBy(() -> shop.placeInVain(customer, number)).hasMessage("rolled back by the test");
        } else {
            shop.place(customer, number);
        }
    }

    /** The numbers of the customers' orders in a table, in the order in which they came there. */
    private Map<String, List<Integer>> of(String table) {
        List<Map<String, Object>> rows = jdbc.queryForList("SELECT customer, number FROM " + table
                + " WHERE customer LIKE 'customer-%' ORDER BY " + (table.equals("reserved") ? "id" : "number"));
        return rows.stream()
                .collect(Collectors.groupingBy(
                        row -> (String) row.get("customer"),
                        Collectors.mapping(row -> (Integer) row.get("number"), Collectors.toList())));
    }

    @Test
    void whatCannotBeHandledIsSetAsideWithoutATraceAndStopsNothing() {
        int refusals = shop.refusals();

        shop.place("nobody", -1);
        shop.place("nobody", 1);

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(ofNobody()).containsExactly(1));
        // Where both came together: once with the other one, whose effect was taken back with it, and once by itself.
        assertThat(shop.refusals() - refusals).isBetween(1, 2);
    }

    private List<Integer> ofNobody() {
        return jdbc.queryForList("SELECT number FROM reserved WHERE customer = 'nobody' ORDER BY id", Integer.class);
    }

    @Test
    void saysAtStartUpWhetherThereAreHalfMessages() {
        if (name.equals("rocketmq")) {
            run(ApplicationWithHalfMessages.class, name + "-half").close();
        } else {
            assertThatThrownBy(() -> run(ApplicationWithHalfMessages.class, name + "-half"))
                    .satisfies(failure -> assertThat(messages(failure)).anySatisfy(message -> assertThat(message)
                            .contains(name)
                            .contains("HALF_MESSAGES")
                            .contains("rocketmq")));
        }
    }

    private static List<String> messages(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .map(Throwable::toString)
                .toList();
    }
}
