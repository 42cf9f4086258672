package dev.tally.boot;

import dev.tally.consume.InboxStore;
import dev.tally.half.SettledTransactions;
import dev.tally.half.TransactionLedger;
import dev.tally.retention.RetentionRound;
import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Removes old rows of inbox and ledger in the background. */
@AutoConfiguration(after = {TallyConsumerAutoConfiguration.class, TallyHalfMessageAutoConfiguration.class})
@ConditionalOnBean(TallyJdbcProperties.class)
public final class TallyRetentionAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    RetentionRuntime tallyRetention(
            ObjectProvider<InboxStore> inbox,
            ObjectProvider<TransactionLedger> ledger,
            ObjectProvider<SettledTransactions> settled,
            TallyJdbcProperties properties) {
        List<RetentionRound.Table> tables = new ArrayList<>();
        inbox.ifAvailable(
                store -> tables.add(new RetentionRound.Table("inbox", properties.inboxRetention(), store::purge)));
        ledger.ifAvailable(
                rows -> tables.add(new RetentionRound.Table("ledger", properties.ledgerRetention(), rows::purge)));
        return new RetentionRuntime(
                new RetentionRound(tables, properties.purgeBatch(), properties.purgeMaxBatches()),
                properties.purgeInterval(),
                List.copyOf(settled.stream().toList()));
    }
}
