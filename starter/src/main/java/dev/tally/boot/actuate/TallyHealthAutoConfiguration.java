package dev.tally.boot.actuate;

import dev.tally.boot.FurtherDataSource;
import dev.tally.boot.FurtherDataSources;
import dev.tally.boot.ProcessEdges;
import dev.tally.boot.RecentConsumerLags;
import dev.tally.boot.RecentOutboxProgress;
import dev.tally.boot.RecentOutboxStats;
import dev.tally.boot.RecentSagaCounts;
import dev.tally.boot.TallyConsumerAutoConfiguration;
import dev.tally.boot.TallyHalfMessageAutoConfiguration;
import dev.tally.boot.TallyOutboxAutoConfiguration;
import dev.tally.boot.saga.SagaAccess;
import dev.tally.consume.IdempotentConsumerRegistry;
import dev.tally.half.HalfMessagePath;
import dev.tally.saga.SagaState;
import java.util.List;
import java.util.function.LongSupplier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** Tally's health, where the application has health. */
@AutoConfiguration(
        after = {
            TallyOutboxAutoConfiguration.class,
            TallyHalfMessageAutoConfiguration.class,
            TallyConsumerAutoConfiguration.class
        })
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean({RecentOutboxStats.class, RecentOutboxProgress.class})
@ConditionalOnEnabledHealthIndicator("tally")
@EnableConfigurationProperties({TallyHealthProperties.class, TallyOutboxHealthProperties.class})
public final class TallyHealthAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "tallyHealthIndicator")
    HealthIndicator tallyHealthIndicator(
            RecentOutboxStats stats,
            RecentOutboxProgress progress,
            ObjectProvider<HalfMessagePath> halfMessages,
            ObjectProvider<FurtherDataSources> further,
            ObjectProvider<IdempotentConsumerRegistry> consumers,
            ObjectProvider<RecentConsumerLags> lags,
            ObjectProvider<SagaAccess> sagas,
            ProcessEdges edges,
            TallyHealthProperties properties,
            TallyOutboxHealthProperties limits) {
        Iterable<FurtherDataSource> others = further.stream()
                .findFirst()
                .<Iterable<FurtherDataSource>>map(all -> all)
                .orElseGet(List::of);
        IdempotentConsumerRegistry registry = consumers.getIfAvailable();
        RecentConsumerLags recent = lags.getIfAvailable();
        return new TallyHealthIndicator(
                stats,
                progress,
                halfMessages.getIfAvailable(),
                others,
                reason -> limits.limit(reason, properties.maxBacklogAge()),
                registry == null || recent == null ? null : new ConsumersHealth(registry::running, recent),
                sagas.stream().findFirst().map(access -> parked(access, edges)).orElse(null));
    }

    private static LongSupplier parked(SagaAccess access, ProcessEdges edges) {
        RecentSagaCounts counts = new RecentSagaCounts(access.search(), edges.clock());
        return () -> (long) access.definitions().names().stream()
                .mapToDouble(name -> counts.of(name, SagaState.PARKED))
                .sum();
    }
}
