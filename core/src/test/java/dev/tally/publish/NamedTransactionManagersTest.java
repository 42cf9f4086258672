package dev.tally.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.MessageId;
import dev.tally.testing.RecordingPath;
import dev.tally.testing.TestDatabase;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** Annotated methods that name the transaction manager. */
class NamedTransactionManagersTest {

    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement(proxyTargetClass = true)
    static class Application {

        final TestDatabase first = TestDatabase.h2();
        final TestDatabase second = TestDatabase.h2();
        final TestDatabase foreign = TestDatabase.h2();
        final RecordingPath ofFirst = new RecordingPath();
        final RecordingPath ofSecond = new RecordingPath();

        @Bean
        @Primary
        JdbcTransactionManager firstManager() {
            return marked(first);
        }

        @Bean
        JdbcTransactionManager secondManager() {
            return marked(second);
        }

        @Bean
        JdbcTransactionManager foreignManager() {
            return marked(foreign);
        }

        private static JdbcTransactionManager marked(TestDatabase database) {
            TransactionMarks.on(database.transactions());
            return database.transactions();
        }

        @Bean
        MessagePublisher publisher() {
            AtomicInteger counter = new AtomicInteger();
            Map<String, TransactionalMessagePublisher> publishers = new LinkedHashMap<>();
            publishers.put("first", publisher(first, ofFirst, counter));
            publishers.put("second", publisher(second, ofSecond, counter));
            return new RoutingMessagePublisher(publishers);
        }

        private static TransactionalMessagePublisher publisher(
                TestDatabase database, RecordingPath path, AtomicInteger counter) {
            return new TransactionalMessagePublisher(
                    new JacksonPayloadCodec(new JsonMapper()),
                    () -> new MessageId("m" + counter.incrementAndGet()),
                    database.dataSource(),
                    Map.of(Via.OUTBOX, path),
                    List.of(),
                    new PublishListener() {},
                    InstantSource.system());
        }

        @Bean
        static TransactionalPublisherAdvisor advisor(ObjectProvider<MessagePublisher> publisher) {
            return new TransactionalPublisherAdvisor(publisher::getObject, UnaryOperator.identity());
        }

        @Bean
        static TransactionAdvicePlacement placement() {
            return new TransactionAdvicePlacement();
        }

        @Bean
        static TransactionalPublisherValidator validator(ConfigurableListableBeanFactory beanFactory) {
            return new TransactionalPublisherValidator(beanFactory);
        }
    }

    @Transactional(isolation = Isolation.SERIALIZABLE)
    static class Desk {

        @TransactionalPublisher(topic = "t")
        public String byDefault() {
            return "first";
        }

        @TransactionalPublisher(topic = "t", transactionManager = "secondManager")
        public String byAttribute() {
            return "second";
        }

        @TransactionalPublisher(topic = "t")
        @Transactional("secondManager")
        public String bySide() {
            return "second";
        }

        @TransactionalPublisher(topic = "t", payload = "#result")
        @TransactionalPublisher(topic = "u", payload = "#result")
        @Transactional(transactionManager = "secondManager", propagation = Propagation.REQUIRES_NEW)
        public String repeated() {
            return "second";
        }
    }

    static class ForeignDesk {

        @TransactionalPublisher(topic = "t", transactionManager = "foreignManager")
        public String foreign() {
            return "";
        }

        @TransactionalPublisher(topic = "t")
        @Transactional("nobody")
        public String missing() {
            return "";
        }

        @TransactionalPublisher(topic = "t", transactionManager = "secondManager")
        @Transactional
        public String contradictory() {
            return "";
        }

        @TransactionalPublisher(topic = "t", transactionManager = "secondManager")
        @TransactionalPublisher(topic = "u", transactionManager = "secondManager")
        public String repeated() {
            return "";
        }
    }

    private AnnotationConfigApplicationContext context;

    private Application start(Class<?> beans) {
        context = new AnnotationConfigApplicationContext(Application.class, beans);
        return context.getBean(Application.class);
    }

    @AfterEach
    void close() {
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
        if (context != null) {
            context.close();
        }
    }

    @Test
    void publishesInTheDataSourceOfTheManagerThatIsNamed() {
        Application application = start(Desk.class);
        Desk desk = context.getBean(Desk.class);

        desk.byDefault();
        assertThat(application.ofFirst.left).hasSize(1);
        desk.byAttribute();
        desk.bySide();
        desk.repeated();

        assertThat(application.ofFirst.left).hasSize(1);
        assertThat(application.ofSecond.left).hasSize(4);
    }

    @Test
    void refusesWhoTakesPartInATransactionInsideOfWhichAnotherHasBegun() {
        Application application = start(Desk.class);
        Desk desk = context.getBean(Desk.class);
        TransactionTemplate first = application.first.transaction();
        TransactionTemplate second = application.second.transaction();

        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() ->
                        second.executeWithoutResult(outer -> first.executeWithoutResult(inner -> desk.byAttribute())))
                .withMessageContaining("Desk.byAttribute")
                .withMessageContaining("on " + application.first.dataSource())
                .withMessageContaining("REQUIRES_NEW");
        second.executeWithoutResult(outer -> first.executeWithoutResult(inner -> desk.repeated()));
        second.executeWithoutResult(outer -> first.executeWithoutResult(inner -> desk.byDefault()));

        assertThat(application.ofSecond.left).hasSize(2);
        assertThat(application.ofFirst.left).hasSize(1);
    }

    @Test
    void startUpFindsManagersThatTallyHasNoDataSourceFor() {
        assertThatExceptionOfType(InvalidPublisherException.class)
                .isThrownBy(() -> start(ForeignDesk.class))
                .withMessageContaining("ForeignDesk.foreign: its transactions are those of 'foreignManager'")
                .withMessageContaining("first: ")
                .withMessageContaining("ForeignDesk.missing: there is no transaction manager 'nobody'")
                .withMessageContaining("ForeignDesk.contradictory: it names transaction manager 'secondManager'")
                .withMessageContaining("ForeignDesk.repeated: it names transaction manager 'secondManager'")
                .withMessageContaining("4 faults");
    }
}
