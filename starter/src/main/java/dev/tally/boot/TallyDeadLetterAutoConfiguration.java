package dev.tally.boot;

import dev.tally.audit.AuditLog;
import dev.tally.consume.IdempotentConsumerRegistry;
import dev.tally.consume.deadletter.DeadLetterOperations;
import dev.tally.consume.deadletter.DeadLetterReplay;
import dev.tally.consume.deadletter.DeadLetterStore;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.PlatformTransactionManager;

/** Dead letters that are kept in the database: their replay, and what people may do with them. */
@AutoConfiguration(after = {TallyConsumerAutoConfiguration.class, TallyConsumerOperationsAutoConfiguration.class})
@ConditionalOnBean({DeadLetterStore.class, IdempotentConsumerRegistry.class})
public final class TallyDeadLetterAutoConfiguration {

    @Bean
    DeadLetterReplayRuntime tallyDeadLetterReplay(DeadLetterStore store, IdempotentConsumerRegistry consumers) {
        return new DeadLetterReplayRuntime(new DeadLetterReplay(store, consumers));
    }

    @Bean
    RecentDeadLetters tallyRecentDeadLetters(DeadLetterStore store, ProcessEdges edges) {
        return new RecentDeadLetters(store, edges.clock());
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBooleanProperty("tally.consumer.operations")
    @ConditionalOnBean(AuditLog.class)
    DeadLetterOperations tallyDeadLetterOperations(
            DeadLetterStore store, AuditLog audit, PlatformTransactionManager transactions) {
        return new DeadLetterOperations(store, audit, transactions);
    }
}
