package dev.tally.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.boot.AutoConfigurationTest.FakeTransportConfiguration;
import dev.tally.consume.IdempotentConsumer;
import dev.tally.outbox.relay.OutboxRelay;
import dev.tally.publish.MessagePublisher;
import dev.tally.publish.RoutingMessagePublisher;
import dev.tally.publish.TransactionalPublisher;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

/** What start-up says about several data sources and transaction managers. */
class SeveralDataSourcesConfigurationTest {

    @TempDir
    Path directory;

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    DataSourceTransactionManagerAutoConfiguration.class,
                    TransactionAutoConfiguration.class,
                    JacksonAutoConfiguration.class))
            .withConfiguration(AutoConfigurations.of(AutoConfigurationTest.ours()))
            .withUserConfiguration(FakeTransportConfiguration.class);

    private static DataSource inMemory(String name) {
        return new DriverManagerDataSource("jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1", "sa", "");
    }

    @Configuration(proxyBeanMethods = false)
    static class Equals {

        @Bean
        DataSource orders() {
            return inMemory("orders");
        }

        @Bean
        DataSource bills() {
            return inMemory("bills");
        }

        @Bean
        PlatformTransactionManager ordersTransactions() {
            return new JdbcTransactionManager(inMemory("orders"));
        }

        @Bean
        PlatformTransactionManager billsTransactions() {
            return new JdbcTransactionManager(inMemory("bills"));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class WithPrimary {

        private final DataSource primary = inMemory("primary");

        @Bean
        @Primary
        DataSource orders() {
            return primary;
        }

        @Bean
        @Primary
        PlatformTransactionManager ordersTransactions() {
            return new JdbcTransactionManager(primary);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class TwoManagers {

        private final DataSource only = inMemory("only");

        @Bean
        DataSource orders() {
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

    static class Desk {

        @TransactionalPublisher(topic = "t")
        public String place() {
            return "placed";
        }
    }

    static class Programmatic {

        Programmatic(MessagePublisher publisher) {
            assertThat(publisher).isNotNull();
        }
    }

    static class Consumer {

        @IdempotentConsumer(topic = "t", group = "g")
        public void handle(String text) {}
    }

    private static FailureAnalysis analysisOf(AssertableApplicationContext context) {
        assertThat(context).hasFailed();
        return AutoConfigurationTest.analysisOf(context.getStartupFailure());
    }

    @Test
    void saysWhatToDoWhereNoDataSourceIsPrimaryAndAnythingIsWanted() {
        runner.withUserConfiguration(Equals.class).withBean(Desk.class).run(context -> {
            FailureAnalysis analysis = analysisOf(context);
            assertThat(analysis.getDescription())
                    .contains("Desk.place")
                    .contains("[orders, bills]")
                    .contains("[ordersTransactions, billsTransactions]");
            assertThat(analysis.getAction()).contains("@Primary").contains("TallyDataSource.of(");
        });
        runner.withUserConfiguration(Equals.class)
                .withBean(Consumer.class)
                .run(context -> assertThat(analysisOf(context).getDescription()).contains("Consumer.handle"));
        runner.withUserConfiguration(Equals.class)
                .withBean(Programmatic.class)
                .run(context -> assertThat(analysisOf(context).getDescription()).contains("a MessagePublisher"));
        runner.withUserConfiguration(Equals.class)
                .withBean(TallyDataSource.class, () -> declared("bills", inMemory("bills")))
                .run(context ->
                        assertThat(analysisOf(context).getDescription()).contains("further data sources [bills]"));
    }

    @Test
    void isSilentWhereNoDataSourceIsPrimaryAndNothingIsWanted() {
        runner.withUserConfiguration(Equals.class)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(OutboxRelay.class));
    }

    @Test
    void saysWhatToDoWhereNoTransactionManagerIsPrimaryAndAConsumerWantsOne() {
        runner.withUserConfiguration(TwoManagers.class).withBean(Consumer.class).run(context -> assertThat(
                        analysisOf(context).getDescription())
                .contains("Consumer.handle")
                .contains("[one, two]"));
        runner.withUserConfiguration(TwoManagers.class)
                .withBean(Desk.class)
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(MessagePublisher.class));
    }

    @Test
    void preparesTheTablesOfAFurtherDataSourceAsItDoesThoseOfThePrimaryOne() {
        DataSource further = inMemory("further");
        runner.withUserConfiguration(WithPrimary.class)
                .withBean(TallyDataSource.class, () -> declared("further", further))
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(RoutingMessagePublisher.class);
                    assertThat(new JdbcTemplate(further)
                                    .queryForObject("SELECT count(*) FROM tally_transaction", Long.class))
                            .isZero();
                });

        DataSource file = new DriverManagerDataSource("jdbc:h2:file:" + directory.resolve("db"), "sa", "");
        runner.withUserConfiguration(WithPrimary.class)
                .withBean(TallyDataSource.class, () -> declared("file", file))
                .run(context -> assertThat(analysisOf(context).getDescription()).contains("tally_outbox"));
    }

    @Test
    void refusesDeclarationsThatCannotBeMeant() {
        WithPrimary primary = new WithPrimary();
        DataSource further = inMemory("further");
        runner.withBean("orders", DataSource.class, primary::orders, definition -> definition.setPrimary(true))
                .withBean("transactions", PlatformTransactionManager.class, primary::ordersTransactions)
                .withBean("one", TallyDataSource.class, () -> declared("same", further))
                .withBean("two", TallyDataSource.class, () -> declared("same", primary.orders()))
                .withBean(
                        "three",
                        TallyDataSource.class,
                        () -> TallyDataSource.of("other", inMemory("other"), primary.ordersTransactions()))
                .run(context -> assertThat(analysisOf(context).getDescription())
                        .contains("two of them have the name 'same'")
                        .contains("'same' is the primary data source")
                        .contains("the transaction manager of 'other' is one of"));
        runner.withUserConfiguration(WithPrimary.class)
                .withBean(TallyDataSource.class, () -> declared("not a name", further))
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("27 letters"));
    }

    private static TallyDataSource declared(String name, DataSource dataSource) {
        return TallyDataSource.of(name, dataSource, new JdbcTransactionManager(dataSource));
    }
}
