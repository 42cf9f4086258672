package dev.tally.boot;

import dev.tally.audit.AuditLog;
import dev.tally.consume.ConsumerOperations;
import dev.tally.consume.IdempotentConsumerRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** What people may do with consumers, where {@code tally.consumer.operations} allows it. */
@AutoConfiguration(
        after = {
            TallyConsumerAutoConfiguration.class,
            TallyHalfMessageAutoConfiguration.class,
            TallyOutboxOperationsAutoConfiguration.class
        })
@ConditionalOnBooleanProperty("tally.consumer.operations")
@ConditionalOnBean({IdempotentConsumerRegistry.class, AuditLog.class})
public final class TallyConsumerOperationsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    ConsumerOperations tallyConsumerOperations(
            IdempotentConsumerRegistry consumers, AuditLog audit, TallyJdbcProperties jdbc, ProcessEdges edges) {
        return new ConsumerOperations(
                consumers::running, audit, () -> edges.clock().instant().minus(jdbc.inboxRetention()));
    }
}
