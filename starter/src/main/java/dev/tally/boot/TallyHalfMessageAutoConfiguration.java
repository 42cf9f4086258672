package dev.tally.boot;

import dev.tally.audit.AuditLog;
import dev.tally.audit.JdbcAuditLog;
import dev.tally.half.CheckBack;
import dev.tally.half.HalfMessageBreaker;
import dev.tally.half.HalfMessageInspection;
import dev.tally.half.HalfMessageListener;
import dev.tally.half.HalfMessagePath;
import dev.tally.half.HalfMessages;
import dev.tally.half.HandDecisions;
import dev.tally.half.JdbcTransactionLedger;
import dev.tally.half.LedgerCheckBack;
import dev.tally.half.SettledTransactions;
import dev.tally.half.TransactionLedger;
import dev.tally.jdbc.Dialect;
import dev.tally.outbox.OutboxPath;
import dev.tally.publish.PublishingPath;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.PlatformTransactionManager;

/** Half messages: the ledger, the answer to check-backs, and the way out with its fallback. */
@AutoConfiguration(after = TallyOutboxAutoConfiguration.class)
@ConditionalOnBean({Dialect.class, HalfMessages.class})
@ConditionalOnSingleCandidate(PlatformTransactionManager.class)
@EnableConfigurationProperties(TallyHalfMessageProperties.class)
public final class TallyHalfMessageAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(TransactionLedger.class)
    @DependsOnDatabaseInitialization
    JdbcTransactionLedger tallyTransactionLedger(
            DataSource dataSource, PlatformTransactionManager transactions, Dialect dialect) {
        return new JdbcTransactionLedger(dataSource, transactions, dialect);
    }

    @Bean
    @ConditionalOnMissingBean(CheckBack.class)
    LedgerCheckBack tallyLedgerCheckBack(TransactionLedger ledger, ObjectProvider<HalfMessageListener> listeners) {
        return new LedgerCheckBack(ledger, FanOut.to(HalfMessageListener.class, listeners));
    }

    @Bean
    @ConditionalOnMissingBean
    SettledTransactions tallySettledTransactions(TransactionLedger ledger, ProcessEdges edges) {
        return new SettledTransactions(ledger, edges.clock());
    }

    @Bean
    @ConditionalOnMissingBean
    HalfMessagePath tallyHalfMessagePath(
            HalfMessages halfMessages,
            TransactionLedger ledger,
            CheckBack checkBack,
            ObjectProvider<OutboxPath> outbox,
            ObjectProvider<HalfMessageListener> listeners,
            SettledTransactions settled,
            ProcessEdges edges,
            TallyHalfMessageProperties properties) {
        halfMessages.onCheckBack(checkBack);
        return new HalfMessagePath(
                halfMessages,
                ledger,
                fallback(properties, outbox),
                edges.uniqueNames(),
                properties.prepareTimeout(),
                FanOut.to(HalfMessageListener.class, listeners),
                settled,
                HalfMessageBreaker.closed(properties.prepareTimeout(), edges.clock()),
                edges.clock());
    }

    @Bean
    @ConditionalOnMissingBean(AuditLog.class)
    @DependsOnDatabaseInitialization
    JdbcAuditLog tallyAuditLog(DataSource dataSource, ProcessEdges edges) {
        return new JdbcAuditLog(dataSource, edges.uniqueNames());
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBean(HalfMessageInspection.class)
    @ConditionalOnProperty(name = "tally.half-message.decide-by-hand", havingValue = "true")
    HandDecisions tallyHandDecisions(
            HalfMessages halfMessages,
            HalfMessageInspection inspection,
            TransactionLedger ledger,
            AuditLog audit,
            PlatformTransactionManager transactions,
            TallyHalfMessageProperties properties) {
        return new HandDecisions(halfMessages, inspection, ledger, audit, transactions, properties.prepareTimeout());
    }

    private static @Nullable PublishingPath fallback(
            TallyHalfMessageProperties properties, ObjectProvider<OutboxPath> outbox) {
        return switch (properties.fallback()) {
            case OUTBOX -> outbox.getObject();
            case NONE -> null;
        };
    }
}
