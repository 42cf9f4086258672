package dev.tally.boot;

import dev.tally.boot.diagnostics.DataSourcesException;
import dev.tally.half.HalfMessageListener;
import dev.tally.half.HalfMessages;
import dev.tally.jdbc.Dialect;
import dev.tally.message.PayloadCodec;
import dev.tally.message.TimeOrderedIds;
import dev.tally.observation.MessageObservations;
import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxRetryRules;
import dev.tally.publish.PublishListener;
import dev.tally.publish.TransactionMarks;
import dev.tally.transport.Transport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;

/** The data sources beside the primary one, where the application declares any. */
@AutoConfiguration(
        after = {TallySchemaAutoConfiguration.class, TallyObservationAutoConfiguration.class},
        afterName = "dev.tally.boot.transport.TallyTransportsAutoConfiguration")
@ConditionalOnBean({TallyDataSource.class, Dialect.class, Transport.class})
@EnableConfigurationProperties({TallyOutboxProperties.class, TallyHalfMessageProperties.class})
public final class TallyDataSourcesAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    @DependsOnDatabaseInitialization
    FurtherDataSources tallyFurtherDataSources(
            ObjectProvider<TallyDataSource> declared,
            DataSource primary,
            Transport transport,
            ObjectProvider<HalfMessages> halfMessages,
            PayloadCodec codec,
            TimeOrderedIds messageIds,
            ProcessEdges edges,
            OutboxRetryRules retryRules,
            ObjectProvider<OutboxListener> outboxListeners,
            ObjectProvider<HalfMessageListener> halfMessageListeners,
            ObjectProvider<PublishListener> publishListeners,
            ObjectProvider<MessageObservations> observations,
            TallyJdbcProperties jdbc,
            TallyOutboxProperties outbox,
            TallyHalfMessageProperties half) {
        FurtherDataSourceParts parts = new FurtherDataSourceParts(
                transport,
                halfMessages.getIfAvailable(),
                codec,
                messageIds,
                edges,
                retryRules,
                FanOut.to(OutboxListener.class, outboxListeners),
                FanOut.to(HalfMessageListener.class, halfMessageListeners),
                FanOut.to(PublishListener.class, publishListeners),
                observations.getIfAvailable(MessageObservations::none),
                jdbc,
                outbox,
                half);
        List<TallyDataSource> all = declared.orderedStream().toList();
        requireDifferent(primary, all);
        return new FurtherDataSources(all.stream().map(parts::create).toList());
    }

    private static void requireDifferent(DataSource primary, List<TallyDataSource> declared) {
        List<String> faults = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Set<DataSource> dataSources = new HashSet<>(Set.of(TransactionMarks.unwrap(primary)));
        for (TallyDataSource each : declared) {
            DataSource dataSource = TransactionMarks.unwrap(each.dataSource());
            Object managed = TransactionMarks.resourceOf(each.transactions());
            if (!names.add(each.name())) {
                faults.add("two of them have the name '" + each.name() + "'");
            }
            if (!dataSources.add(dataSource)) {
                faults.add("'" + each.name() + "' is the primary data source, or one that is declared already: "
                        + dataSource);
            }
            if (managed != null && managed != dataSource) {
                faults.add("the transaction manager of '" + each.name() + "' is one of " + managed
                        + ", not of its data source, " + dataSource);
            }
        }
        if (!faults.isEmpty()) {
            throw new DataSourcesException(
                    "Cannot start with the data sources as they are declared:\n - " + String.join("\n - ", faults),
                    "Correct the beans of type TallyDataSource.");
        }
    }
}
