package dev.tally.boot;

import dev.tally.audit.AuditLog;
import dev.tally.consume.IdempotentConsumerRegistry;
import dev.tally.consume.deadletter.DeadLetterOperations;
import dev.tally.consume.deadletter.DeadLetterReplay;
import dev.tally.consume.deadletter.DeadLetterStore;
import dev.tally.half.LedgerName;
import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.PlatformTransactionManager;

/** Dead letters that are kept in the database: their replay, and what people may do with them. */
@AutoConfiguration(after = {TallyConsumerAutoConfiguration.class, TallyConsumerOperationsAutoConfiguration.class})
@ConditionalOnBean({DeadLetterStore.class, IdempotentConsumerRegistry.class})
public final class TallyDeadLetterAutoConfiguration {

    @Bean
    DeadLetterReplayRuntime tallyDeadLetterReplay(
            DeadLetterStore store, IdempotentConsumerRegistry consumers, ObjectProvider<FurtherDataSources> further) {
        List<DeadLetterReplay> replays = new ArrayList<>();
        replays.add(new DeadLetterReplay(store, consumers.replayingIn("")));
        further.ifAvailable(all -> all.forEach(each -> replays.add(new DeadLetterReplay(
                each.deadLetters(), consumers.replayingIn(each.name().toString())))));
        return new DeadLetterReplayRuntime(replays);
    }

    @Bean
    RecentDeadLetters tallyRecentDeadLetters(
            DeadLetterStore store, ObjectProvider<FurtherDataSources> further, ProcessEdges edges) {
        List<DeadLetterStore> stores = new ArrayList<>(List.of(store));
        further.ifAvailable(all -> all.forEach(each -> stores.add(each.deadLetters())));
        return new RecentDeadLetters(stores, edges.clock());
    }

    @Bean
    DeadLetterPlaces tallyDeadLetterPlaces(
            DeadLetterStore store,
            PlatformTransactionManager transactions,
            ObjectProvider<AuditLog> audit,
            ObjectProvider<FurtherDataSources> further,
            TallyConsumerProperties properties) {
        AuditLog primaryAudit = audit.getIfAvailable();
        List<DeadLetterAccess> all = new ArrayList<>();
        all.add(new DeadLetterAccess(
                LedgerName.PRIMARY.toString(),
                store,
                properties.operations() && primaryAudit != null
                        ? new DeadLetterOperations(store, primaryAudit, transactions)
                        : null));
        further.ifAvailable(sources -> sources.forEach(each -> all.add(new DeadLetterAccess(
                each.name().toString(),
                each.deadLetters(),
                properties.operations()
                        ? new DeadLetterOperations(each.deadLetters(), each.audit(), each.transactions())
                        : null))));
        return new DeadLetterPlaces(all);
    }
}
