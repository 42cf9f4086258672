package dev.tally.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.Broker;
import dev.tally.consume.IdempotentConsumer;
import dev.tally.consume.IdempotentConsumerRegistry;
import dev.tally.consume.InboxStore;
import dev.tally.half.CheckBackAnswer;
import dev.tally.half.HalfMessageListener;
import dev.tally.half.HalfMessagePath;
import dev.tally.jdbc.Dialect;
import dev.tally.message.Message;
import dev.tally.outbox.OutboxPath;
import dev.tally.outbox.relay.OutboxRelay;
import dev.tally.publish.MessagePublisher;
import dev.tally.publish.TransactionalPublisher;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Capability;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import dev.tally.transport.rocketmq.RocketMqTransport;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.jdbc.core.JdbcTemplate;

/** What is there under which conditions, and how what is missing is explained. */
@ExtendWith(OutputCaptureExtension.class)
class AutoConfigurationTest {

    @TempDir
    Path directory;

    private final ApplicationContextRunner database = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    DataSourceTransactionManagerAutoConfiguration.class,
                    JdbcTemplateAutoConfiguration.class,
                    TransactionAutoConfiguration.class,
                    JacksonAutoConfiguration.class))
            .withConfiguration(AutoConfigurations.of(ours()))
            .withPropertyValues("spring.datasource.generate-unique-name=true");

    private final ApplicationContextRunner withTransport =
            database.withUserConfiguration(FakeTransportConfiguration.class);

    @Test
    void bringsPublishingOutboxAndConsumingForATransportWithoutHalfMessages() {
        withTransport.run(context -> assertThat(context)
                .hasNotFailed()
                .hasSingleBean(MessagePublisher.class)
                .hasSingleBean(OutboxRelay.class)
                .hasSingleBean(OutboxPath.class)
                .hasSingleBean(InboxStore.class)
                .hasSingleBean(IdempotentConsumerRegistry.class)
                .hasSingleBean(RetentionRuntime.class)
                .doesNotHaveBean(HalfMessagePath.class)
                .doesNotHaveBean(RocketMqTransport.class)
                .doesNotHaveBean(Broker.class));
    }

    @Test
    void doesNothingWithoutADataSource() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(ours()))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean(MessagePublisher.class)
                        .doesNotHaveBean(Broker.class)
                        .doesNotHaveBean(Transport.class));
    }

    @Test
    void startsABrokerInsideTheApplicationWhereNoneIsConfigured() {
        database.withPropertyValues("tally.broker.data-directory=" + directory.resolve("broker"))
                .run(context -> {
                    assertThat(context)
                            .hasNotFailed()
                            .hasSingleBean(Broker.class)
                            .hasSingleBean(RocketMqTransport.class)
                            .hasSingleBean(HalfMessagePath.class);
                    context.getBean(RocketMqTransport.class).verifyReachable();
                });
    }

    @Test
    void takesTheConfiguredClusterInsteadOfABrokerInside() {
        database.withPropertyValues("rocketmq.name-server=127.0.0.1:1", "rocketmq.producer.group=orders")
                .run(context -> assertThat(context)
                        .hasSingleBean(RocketMqTransport.class)
                        .doesNotHaveBean(Broker.class));
    }

    @Test
    void saysWhereABrokerComesFromWhenThereIsNone() {
        database.withClassLoader(new FilteredClassLoader(Broker.class)).run(context -> {
            assertThat(context).hasFailed();
            assertThat(analysisOf(context.getStartupFailure()).getAction())
                    .contains("rocketmq.name-server")
                    .contains("tally-broker");
        });
    }

    @Test
    void leavesOutMetersAndHealthWhereTheirLibrariesAreMissing() {
        withTransport
                .withClassLoader(new FilteredClassLoader(MeterRegistry.class, HealthIndicator.class))
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(MessagePublisher.class));
        withTransport
                .withBean(SimpleMeterRegistry.class)
                .run(context -> assertThat(context).hasBean("tallyOutboxMeters").hasBean("tallyHealthIndicator"));
    }

    @Test
    void runsWithoutJpaOnTheClassPath() {
        withTransport
                .withClassLoader(
                        new FilteredClassLoader("jakarta.persistence", "org.springframework.orm", "org.hibernate"))
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(MessagePublisher.class));
    }

    @Test
    void createsTheTablesOfAnInMemoryDatabaseByItself() {
        withTransport.run(context -> assertThat(context.getBean(JdbcTemplate.class)
                        .queryForObject("SELECT count(*) FROM tally_outbox", Long.class))
                .isZero());
    }

    @Test
    void saysHowTheTablesComeIntoADatabaseFile() {
        withTransport.withPropertyValues("spring.datasource.url=" + file()).run(context -> {
            assertThat(context).hasFailed();
            FailureAnalysis analysis = analysisOf(context.getStartupFailure());
            assertThat(analysis.getDescription()).contains("tally_outbox", "tally_inbox", "tally_transaction");
            assertThat(analysis.getAction())
                    .contains("tally.jdbc.initialize-schema=always")
                    .contains("tally/schema/core/h2/");
        });
        withTransport
                .withPropertyValues("spring.datasource.url=" + file(), "tally.jdbc.initialize-schema=always")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void warnsOfAnH2FileThatAnswersCommitsBeforeTheyAreOnDisk(CapturedOutput output) {
        withTransport
                .withPropertyValues("spring.datasource.url=" + file(), "tally.jdbc.initialize-schema=always")
                .run(context -> assertThat(context).hasNotFailed());

        assertThat(output).contains("up to 500 ms before they are on disk").contains("WRITE_DELAY=0");
    }

    @Test
    void isSilentAboutAnH2FileThatWritesAtOnceAndAboutMemory(CapturedOutput output) {
        withTransport
                .withPropertyValues(
                        "spring.datasource.url=" + file() + ";WRITE_DELAY=0", "tally.jdbc.initialize-schema=always")
                .run(context -> assertThat(context).hasNotFailed());
        withTransport.run(context -> assertThat(context).hasNotFailed());

        assertThat(output).doesNotContain("WRITE_DELAY");
    }

    @Test
    void listsAnnotatedMethodsThatCannotWork() {
        withTransport.withBean(Faulty.class).run(context -> {
            assertThat(context).hasFailed();
            assertThat(analysisOf(context.getStartupFailure()).getDescription()).contains("returnsNothing");
        });
        withTransport.withBean(FaultyConsumer.class).run(context -> {
            assertThat(context).hasFailed();
            assertThat(analysisOf(context.getStartupFailure()).getDescription()).contains("takesNothing");
        });
    }

    @Test
    void namesADatabaseThatIsNotSupported() {
        withTransport
                .withBean(Dialect.class, () -> {
                    throw unsupported();
                })
                .run(context -> {
                    assertThat(context).hasFailed();
                    assertThat(analysisOf(context.getStartupFailure()).getDescription())
                            .contains("Derby");
                });
    }

    @Test
    void refusesSettingsThatCannotWork() {
        withTransport
                .withPropertyValues("tally.outbox.node-expiry=1s")
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("three heartbeats"));
    }

    @Test
    void tellsEveryListenerAlsoWhenOneFails() {
        List<String> heard = new ArrayList<>();
        HalfMessageListener failing = new HalfMessageListener() {
            @Override
            public void checkedBack(CheckBackAnswer answer) {
                throw new IllegalStateException("on purpose");
            }
        };
        HalfMessageListener listening = new HalfMessageListener() {
            @Override
            public void checkedBack(CheckBackAnswer answer) {
                heard.add(answer.name());
            }
        };
        new ApplicationContextRunner()
                .withBean("first", HalfMessageListener.class, () -> failing)
                .withBean("second", HalfMessageListener.class, () -> listening)
                .run(context -> FanOut.to(HalfMessageListener.class, context.getBeanProvider(HalfMessageListener.class))
                        .checkedBack(CheckBackAnswer.COMMIT));

        assertThat(heard).containsExactly("COMMIT");
    }

    private String file() {
        return "jdbc:h2:file:" + directory.resolve("db");
    }

    static Class<?>[] ours() {
        List<Class<?>> classes = new ArrayList<>();
        for (String name : ImportCandidates.load(
                org.springframework.boot.autoconfigure.AutoConfiguration.class,
                AutoConfigurationTest.class.getClassLoader())) {
            if (name.startsWith("dev.tally.")) {
                try {
                    classes.add(Class.forName(name));
                } catch (ClassNotFoundException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        assertThat(classes).hasSizeGreaterThan(10);
        return classes.toArray(Class<?>[]::new);
    }

    static FailureAnalysis analysisOf(Throwable failure) {
        return SpringFactoriesLoader.forDefaultResourceLocation()
                .load(FailureAnalyzer.class, (type, name, notOurs) -> assertThat(name)
                        .doesNotStartWith("dev.tally."))
                .stream()
                .filter(analyzer -> analyzer.getClass().getName().startsWith("dev.tally."))
                .map(analyzer -> analyzer.analyze(failure))
                .filter(analysis -> analysis != null)
                .findFirst()
                .orElseThrow(() -> new AssertionError("Nobody explains this failure", failure));
    }

    private static RuntimeException unsupported() {
        DataSource derby = new DerbyLookingDataSource();
        try {
            Dialect.of(derby);
        } catch (RuntimeException e) {
            return e;
        }
        throw new AssertionError("Derby is supported?");
    }

    @Configuration(proxyBeanMethods = false)
    static class FakeTransportConfiguration {

        @Bean
        Transport transport() {
            return new FakeTransport();
        }
    }

    /** Confirms everything and delivers nothing. */
    static final class FakeTransport implements Transport {

        @Override
        public String name() {
            return "fake";
        }

        @Override
        public Set<Capability> capabilities() {
            return Set.of(Capability.KEY_ORDER);
        }

        @Override
        public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
            return messages.stream()
                    .map(each -> CompletableFuture.<SendOutcome>completedFuture(new SendOutcome.Sent("1")))
                    .toList();
        }

        @Override
        public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
            return () -> {};
        }

        @Override
        public void close() {}
    }

    static class Faulty {

        @TransactionalPublisher(topic = "t")
        public void returnsNothing() {}
    }

    static class FaultyConsumer {

        @IdempotentConsumer(topic = "t", group = "g")
        public void takesNothing() {}
    }
}
