package dev.tally.unwired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.boot.diagnostics.DataSourcesException;
import dev.tally.outbox.change.PublishChanges;
import dev.tally.publish.PublishedMessage;
import dev.tally.publish.Via;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.participant.SagaAction;
import dev.tally.saga.participant.SagaParticipant;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.PlatformTransactionManager;

/** Annotated events and entities whose messages could not leave end the start-up, as annotated methods do. */
@ExtendWith(OutputCaptureExtension.class)
class UnwiredClassesTest {

    @TempDir
    Path directory;

    @PublishedMessage(topic = "orders")
    record Placed(String orderId) {}

    @PublishedMessage(topic = "bills", via = Via.HALF_MESSAGE)
    record Billed(String orderId) {}

    @Entity
    @PublishChanges(topic = "customers")
    static class Customer {

        @Id
        Long id;
    }

    @SagaParticipant("stock")
    static class Stock {

        @SagaAction
        void reserve(Placed order) {}
    }

    /** Which of the two is meant, nobody knows. */
    @SpringBootConfiguration
    @EnableAutoConfiguration
    @Import(Stock.class)
    static class TwoDataSources {

        @Bean
        SagaDefinition<Placed> placing() {
            return SagaDefinition.named("placing", Placed.class)
                    .retriable("confirm", step -> step.local((order, context) -> order))
                    .build();
        }

        @Bean
        DataSource orders() {
            return inMemory("unwired-orders");
        }

        @Bean
        DataSource bills() {
            return inMemory("unwired-bills");
        }

        @Bean
        LocalContainerEntityManagerFactoryBean entityManagerFactory(@Qualifier("orders") DataSource orders) {
            LocalContainerEntityManagerFactoryBean factory = new LocalContainerEntityManagerFactoryBean();
            factory.setDataSource(orders);
            factory.setManagedTypes(PersistenceManagedTypes.of(Customer.class.getName()));
            factory.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
            return factory;
        }
    }

    /** Events can be published; half messages, for which somebody must begin transactions, cannot. */
    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class TwoManagers {

        private final DataSource only = inMemory("unwired-only");

        @Bean
        DataSource only() {
            return only;
        }

        @Bean
        PlatformTransactionManager one() {
            return new JdbcTransactionManager(only);
        }

        @Bean
        PlatformTransactionManager two() {
            return new JdbcTransactionManager(only);
        }
    }

    private static DataSource inMemory(String name) {
        return new DriverManagerDataSource("jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1", "sa", "");
    }

    private void assertRefused(Class<?> application) {
        assertThatExceptionOfType(DataSourcesException.class).isThrownBy(() -> new SpringApplicationBuilder(application)
                .web(WebApplicationType.NONE)
                .run(
                        "--tally.jdbc.initialize-schema=always",
                        "--tally.broker.data-directory=" + directory.resolve("broker"),
                        "--tally.rocketmq.close-timeout=1s")
                .close());
    }

    @Test
    void withTwoDataSourcesOfWhichNoneIsPrimary(CapturedOutput output) {
        assertRefused(TwoDataSources.class);

        assertThat(output)
                .contains("Cannot start: nothing would be published or consumed by")
                .contains("class " + Placed.class.getName())
                .contains("class " + Billed.class.getName())
                .contains("class " + Customer.class.getName())
                .contains("bean 'placing', the definition of a saga")
                .contains("Stock.reserve")
                .contains("[orders, bills]")
                .contains("@Primary");
    }

    @Test
    void withTwoTransactionManagersOfWhichNoneIsPrimaryAsFarAsOneIsNeeded(CapturedOutput output) {
        assertRefused(TwoManagers.class);

        assertThat(output)
                .contains("class " + Billed.class.getName())
                .contains("[one, two]")
                .doesNotContain(Placed.class.getName());
    }
}
