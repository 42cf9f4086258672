package dev.tally.boot;

import dev.tally.consume.InboxStore;
import dev.tally.half.CheckBackHorizon;
import dev.tally.half.LedgerRetention;
import dev.tally.half.SettledTransactions;
import dev.tally.half.TransactionLedger;
import dev.tally.outbox.OutboxRetention;
import dev.tally.outbox.jdbc.JdbcOutboxArchive;
import dev.tally.reply.ReplyStore;
import dev.tally.retention.RetentionRound;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Removes old rows of inbox, ledger and archive in the background. */
@AutoConfiguration(
        after = {
            TallyOutboxAutoConfiguration.class,
            TallyConsumerAutoConfiguration.class,
            TallyHalfMessageAutoConfiguration.class
        })
@ConditionalOnBean(TallyJdbcProperties.class)
@EnableConfigurationProperties({TallyHalfMessageProperties.class, TallyOutboxProperties.class})
public final class TallyRetentionAutoConfiguration {

    private static final Duration CLOCK_DIFFERENCE = Duration.ofHours(1);

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
            ObjectProvider<ReplyStore> replies,
            ObjectProvider<TransactionLedger> ledger,
            ObjectProvider<LedgerRetention> ledgerRetention,
            ObjectProvider<SettledTransactions> settled,
            ObjectProvider<FurtherDataSources> further,
            ObjectProvider<JdbcOutboxArchive> archive,
            ObjectProvider<RetentionRound.Table> others,
            TallyOutboxProperties outbox,
            TallyJdbcProperties properties) {
        List<RetentionRound.Table> tables = new ArrayList<>();
        List<BooleanSupplier> lookAhead = new ArrayList<>();
        Duration inboxAge = purgeAge(properties.inboxRetention());
        inbox.ifAvailable(store -> tables.add(new RetentionRound.Table("inbox", inboxAge, store::purge)));
        replies.ifAvailable(store -> tables.add(new RetentionRound.Table("replies", inboxAge, store::purge)));
        others.orderedStream().forEach(tables::add);
        ledger.ifAvailable(rows -> {
            LedgerRetention retention = ledgerRetention.getObject();
            tables.add(new RetentionRound.Table("ledger", retention::age, rows::purge));
            lookAhead.add(retention::check);
        });
        archive.ifAvailable(rows -> keepArchived("outbox archive", rows, outbox, tables, lookAhead));
        List<Runnable> everySecond = new ArrayList<>(settled.stream().toList());
        further.ifAvailable(all -> all.forEach(each -> {
            // One producer group asks for all of them, so that one horizon is theirs.
            ledgerRetention.ifAvailable(retention -> tables.add(
                    new RetentionRound.Table("ledger of " + each.name(), retention::age, each.ledger()::purge)));
            tables.add(new RetentionRound.Table("inbox of " + each.name(), inboxAge, each.inbox()::purge));
            keepArchived("outbox archive of " + each.name(), each.archive(), outbox, tables, lookAhead);
            everySecond.add(each.settled());
        }));
        return new RetentionRuntime(
                new RetentionRound(tables, properties.purgeBatch(), properties.purgeMaxBatches()),
                properties.purgeInterval(),
                everySecond,
                lookAhead);
    }

    /** A row outlives the promise by what the clocks of broker, database and service may differ. */
    private static Duration purgeAge(Duration promised) {
        Duration tenth = promised.dividedBy(10);
        return promised.plus(tenth.compareTo(CLOCK_DIFFERENCE) < 0 ? tenth : CLOCK_DIFFERENCE);
    }

    /** Old rows go also where none are added any more. */
    private static void keepArchived(
            String name,
            JdbcOutboxArchive archive,
            TallyOutboxProperties outbox,
            List<RetentionRound.Table> tables,
            List<BooleanSupplier> lookAhead) {
        Duration keep = outbox.archiveKeep();
        if (outbox.retention() == OutboxRetention.DELETE) {
            tables.add(new RetentionRound.Table(name, keep, archive::purge));
            return;
        }
        // At the start as well: what is sent before the first partition is there has to be deleted row by row.
        lookAhead.add(() -> archive.prepare(keep));
        tables.add(new RetentionRound.Table(
                name,
                () -> {
                    boolean unused = archive.prepare(keep);
                    return Optional.of(keep);
                },
                archive::purge));
    }
}
