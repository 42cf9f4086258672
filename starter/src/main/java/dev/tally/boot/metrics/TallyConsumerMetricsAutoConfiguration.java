package dev.tally.boot.metrics;

import dev.tally.boot.RecentConsumerLags;
import dev.tally.boot.RecentDeadLetters;
import dev.tally.boot.TallyConsumerAutoConfiguration;
import dev.tally.boot.TallyDeadLetterAutoConfiguration;
import dev.tally.consume.IdempotentConsumerRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** Gauges of consumers, where there are consumers and a registry. */
@AutoConfiguration(
        after = {TallyConsumerAutoConfiguration.class, TallyDeadLetterAutoConfiguration.class},
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
        })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({MeterRegistry.class, RecentConsumerLags.class})
public final class TallyConsumerMetricsAutoConfiguration {

    @Bean
    ConsumerGauges tallyConsumerGauges(
            MeterRegistry registry,
            IdempotentConsumerRegistry consumers,
            RecentConsumerLags lags,
            ObjectProvider<RecentDeadLetters> letters) {
        return new ConsumerGauges(registry, consumers, lags, letters.getIfAvailable());
    }
}
