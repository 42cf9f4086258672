package dev.tally.sagas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.saga.SagaState;
import dev.tally.saga.Sagas;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.testkit.scenario.Scenario;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** An application that was changed while its sagas ran. */
class SagaVersionsAtStartTest {

    @TempDir
    Path directory;

    record Trip(String id) {}

    @SpringBootConfiguration
    @EnableAutoConfiguration(
            exclude = {HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class})
    static class Before {
        @Bean
        SagaDefinition<Trip> trip() {
            return SagaDefinition.named("trip", Trip.class)
                    .compensatable("approval", step -> step.awaits("approved", Trip.class, (trip, approved) -> trip))
                    .build();
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration(
            exclude = {HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class})
    static class After {
        @Bean
        SagaDefinition<Trip> trip() {
            return SagaDefinition.named("trip", Trip.class)
                    .compensatable("permission", step -> step.awaits("approved", Trip.class, (trip, approved) -> trip))
                    .build();
        }
    }

    private ConfigurableApplicationContext start(Class<?> application, String... properties) {
        return new SpringApplicationBuilder(application)
                .web(WebApplicationType.NONE)
                .properties(properties)
                .run(
                        "--spring.application.name=trips",
                        "--spring.datasource.url=jdbc:h2:file:" + directory.resolve("trips") + ";WRITE_DELAY=0",
                        "--tally.jdbc.initialize-schema=always",
                        "--tally.rocketmq.close-timeout=1s",
                        "--tally.broker.data-directory=" + directory.resolve("broker"));
    }

    @Test
    @Scenario("saga-34")
    void aChangedDefinitionEndsTheStartOrParksWhatRunsAsIsConfigured() {
        try (ConfigurableApplicationContext before = start(Before.class)) {
            Sagas sagas = before.getBean(Sagas.class);
            new TransactionTemplate(before.getBean(PlatformTransactionManager.class))
                    .executeWithoutResult(status -> sagas.start("trip", "t-1", new Trip("t-1")));
        }
        assertThatThrownBy(() -> start(After.class).close())
                .rootCause()
                .hasMessageContaining("1 sagas 'trip' of version 1 cannot continue with this build")
                .hasMessageContaining("1 at 'approval' ACTIVE")
                .hasMessageContaining("tally.saga.definition-changed");
        try (ConfigurableApplicationContext after = start(After.class, "tally.saga.definition-changed=park")) {
            assertThat(Objects.requireNonNull(after.getBean(Sagas.class).find("trip", "t-1"))
                            .state())
                    .isEqualTo(SagaState.PARKED);
        }
    }
}
