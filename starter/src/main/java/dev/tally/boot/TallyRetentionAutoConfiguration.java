package dev.tally.boot;

import dev.tally.consume.InboxStore;
import dev.tally.half.CheckBackHorizon;
import dev.tally.half.LedgerRetention;
import dev.tally.half.SettledTransactions;
import dev.tally.half.TransactionLedger;
import dev.tally.retention.RetentionRound;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Removes old rows of inbox and ledger in the background. */
@AutoConfiguration(after = {TallyConsumerAutoConfiguration.class, TallyHalfMessageAutoConfiguration.class})
@ConditionalOnBean(TallyJdbcProperties.class)
@EnableConfigurationProperties(TallyHalfMessageProperties.class)
public final class TallyRetentionAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBean(TransactionLedger.class)
    LedgerRetention tallyLedgerRetention(
            ObjectProvider<CheckBackHorizon> horizons,
            TallyJdbcProperties properties,
            TallyHalfMessageProperties halfMessages,
            ObjectProvider<ProcessEdges> edges) {
        List<CheckBackHorizon> all = horizons.stream().toList();
        CheckBackHorizon longest = () -> all.stream()
                .map(CheckBackHorizon::ofOldestQuestion)
                .max(Comparator.naturalOrder())
                .orElseGet(halfMessages::checkHorizon);
        return new LedgerRetention(
                properties.ledgerRetention(),
                LedgerRetention.ALLOWANCE,
                longest,
                edges.getIfAvailable(ProcessEdges::real).clock());
    }

    @Bean
    @ConditionalOnMissingBean
    RetentionRuntime tallyRetention(
            ObjectProvider<InboxStore> inbox,
            ObjectProvider<TransactionLedger> ledger,
            ObjectProvider<LedgerRetention> ledgerRetention,
            ObjectProvider<SettledTransactions> settled,
            ObjectProvider<FurtherDataSources> further,
            TallyJdbcProperties properties) {
        List<RetentionRound.Table> tables = new ArrayList<>();
        List<BooleanSupplier> lookAhead = new ArrayList<>();
        inbox.ifAvailable(
                store -> tables.add(new RetentionRound.Table("inbox", properties.inboxRetention(), store::purge)));
        ledger.ifAvailable(rows -> {
            LedgerRetention retention = ledgerRetention.getObject();
            tables.add(new RetentionRound.Table("ledger", retention::age, rows::purge));
            lookAhead.add(retention::check);
        });
        List<Runnable> everySecond = new ArrayList<>(settled.stream().toList());
        further.ifAvailable(all -> all.forEach(each -> {
            // One producer group asks for all of them, so that one horizon is theirs.
            ledgerRetention.ifAvailable(retention -> tables.add(
                    new RetentionRound.Table("ledger of " + each.name(), retention::age, each.ledger()::purge)));
            everySecond.add(each.settled());
        }));
        return new RetentionRuntime(
                new RetentionRound(tables, properties.purgeBatch(), properties.purgeMaxBatches()),
                properties.purgeInterval(),
                everySecond,
                lookAhead);
    }
}
