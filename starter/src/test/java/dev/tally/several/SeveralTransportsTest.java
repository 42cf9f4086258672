package dev.tally.several;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.consume.IdempotentConsumer;
import dev.tally.consume.MessageContext;
import dev.tally.publish.MessagePublisher;
import dev.tally.publish.MessageRefusedException;
import dev.tally.publish.OutgoingMessage;
import dev.tally.publish.TransactionalPublisher;
import dev.tally.publish.Via;
import dev.tally.transport.RoutingTransport;
import dev.tally.transport.Transport;
import dev.tally.transport.redis.server.RedisServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** One application over two brokers: topics of one, topics of the other, and one that is forwarded. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SeveralTransportsTest {

    record Placed(String order) {}

    record Mail(String order) {}

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @Import(Shop.class)
    static class Application {}

    @Service
    static class Shop {

        private final JdbcTemplate jdbc;
        private final MessagePublisher publisher;

        Shop(JdbcTemplate jdbc, MessagePublisher publisher) {
            this.jdbc = jdbc;
            this.publisher = publisher;
        }

        /** By the embedded broker, as a half message and through the outbox, and by Redis. */
        @TransactionalPublisher(topic = "orders", key = "#order")
        @TransactionalPublisher(topic = "orders-half", key = "#order", via = Via.HALF_MESSAGE)
        public Placed place(String order) {
            publisher.publish("mail.confirmations", order, new Mail(order));
            return new Placed(order);
        }

        @Transactional
        public void mailAsHalfMessage() {
            publisher.publish(OutgoingMessage.to("mail.confirmations")
                    .payload(new Mail("half"))
                    .via(Via.HALF_MESSAGE)
                    .build());
        }

        @IdempotentConsumer(topic = "orders", group = "stock")
        public void stock(Placed placed, MessageContext context) {
            note("stock", placed.order(), context);
        }

        @IdempotentConsumer(topic = "orders-half", group = "stock-half")
        public void stockOfHalves(Placed placed, MessageContext context) {
            note("half", placed.order(), context);
        }

        @IdempotentConsumer(topic = "mail.confirmations", group = "mailer")
        public void mail(Mail mail, MessageContext context) {
            note("mail", mail.order(), context);
        }

        /** What came by the broker, and goes on by Redis. */
        @IdempotentConsumer(topic = "mail.orders", group = "archive")
        public void archive(Placed placed, MessageContext context) {
            note("archive", placed.order(), context);
        }

        private void note(String what, String order, MessageContext context) {
            jdbc.update(
                    "INSERT INTO effect (what, id, message) VALUES (?, ?, ?)",
                    what,
                    order,
                    context.id().value());
        }
    }

    private static final int ORDERS = 50;

    private RedisServer redis;
    private ConfigurableApplicationContext application;

    private static SpringApplicationBuilder application(Class<?>... classes) {
        return new SpringApplicationBuilder(classes).web(WebApplicationType.NONE);
    }

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        redis = RedisServer.start(Files.createDirectory(directory.resolve("redis")));
        application = application(Application.class)
                .run(
                        "--spring.application.name=shop",
                        "--spring.datasource.url=jdbc:h2:mem:several;DB_CLOSE_DELAY=-1",
                        "--tally.jdbc.initialize-schema=always",
                        "--tally.broker.data-directory=" + directory.resolve("broker"),
                        "--tally.rocketmq.close-timeout=1s",
                        "--spring.data.redis.host=127.0.0.1",
                        "--spring.data.redis.port=" + redis.port(),
                        "--tally.transport.default=rocketmq",
                        "--tally.transport.topics.redis=mail.*",
                        "--tally.forward.to-archive.from=rocketmq",
                        "--tally.forward.to-archive.topic=orders",
                        "--tally.forward.to-archive.to=redis",
                        "--tally.forward.to-archive.to-topic=mail.orders");
        application
                .getBean(JdbcTemplate.class)
                .execute("CREATE TABLE effect (what VARCHAR(16), id VARCHAR(16), message VARCHAR(64),"
                        + " PRIMARY KEY (what, id))");
    }

    @AfterAll
    void stop() {
        application.close();
        redis.close();
    }

    private List<String> of(String column, String what) {
        return application
                .getBean(JdbcTemplate.class)
                .queryForList("SELECT " + column + " FROM effect WHERE what = ? ORDER BY id", String.class, what);
    }

    @Test
    void eachTopicGoesByItsOwnBrokerAndTheForwardedOneByBoth() {
        Transport transport = application.getBean(Transport.class);
        assertThat(transport).isInstanceOf(RoutingTransport.class);
        assertThat(transport.of("orders").name()).isEqualTo("rocketmq");
        assertThat(transport.of("mail.confirmations").name()).isEqualTo("redis");
        Shop shop = application.getBean(Shop.class);
        List<String> orders = IntStream.range(0, ORDERS)
                .mapToObj(i -> String.format(java.util.Locale.ROOT, "o-%02d", i))
                .toList();

        orders.forEach(shop::place);

        await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> {
            assertThat(of("id", "stock")).isEqualTo(orders);
            assertThat(of("id", "half")).isEqualTo(orders);
            assertThat(of("id", "mail")).isEqualTo(orders);
            assertThat(of("id", "archive")).isEqualTo(orders);
        });
        assertThat(of("message", "archive")).as("the same ids").isEqualTo(of("message", "stock"));
    }

    @Test
    void aHalfMessageToATopicOfTheOtherIsRefusedWithWhoHasThem() {
        assertThatThrownBy(() -> application.getBean(Shop.class).mailAsHalfMessage())
                .isInstanceOf(MessageRefusedException.class)
                .hasMessageContaining("'mail.confirmations'")
                .hasMessageContaining("transport 'redis' has no HALF_MESSAGES; rocketmq has it");
    }
}
