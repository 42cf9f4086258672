package dev.tally.boot.metrics;

import dev.tally.boot.ProcessEdges;
import dev.tally.boot.RecentSagaCounts;
import dev.tally.boot.saga.SagaAccess;
import dev.tally.boot.saga.TallySagaAutoConfiguration;
import dev.tally.saga.SagaState;
import dev.tally.saga.definition.SagaDefinition;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** Meters of sagas, where there is a registry. */
@AutoConfiguration(
        before = TallySagaAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
        })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({MeterRegistry.class, SagaDefinition.class})
public final class TallySagaMetricsAutoConfiguration {

    @Bean
    SagaMeters tallySagaMeters(MeterRegistry registry) {
        return new SagaMeters(registry);
    }

    @Bean
    MeterBinder tallySagaGauges(ObjectProvider<SagaAccess> sagas, ObjectProvider<ProcessEdges> edges) {
        return registry -> sagas.ifAvailable(access -> {
            RecentSagaCounts counts =
                    new RecentSagaCounts(access.search(), edges.getObject().clock());
            for (String name : access.definitions().names()) {
                for (SagaState state : SagaState.values()) {
                    if (!state.isEnd()) {
                        Gauge.builder("tally.saga.open", counts, recent -> recent.of(name, state))
                                .tags("saga", name, "state", state.name())
                                .description("Sagas that have not ended, some seconds ago")
                                .register(registry);
                    }
                }
                Gauge.builder("tally.saga.undoing.oldest", counts, recent -> recent.oldestOnItsWayBack(name))
                        .tag("saga", name)
                        .baseUnit("seconds")
                        .description("How long ago the oldest saga began that is on its way back and not at its end")
                        .register(registry);
            }
        });
    }
}
