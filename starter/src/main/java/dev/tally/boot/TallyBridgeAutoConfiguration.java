package dev.tally.boot;

import dev.tally.jdbc.Dialect;
import dev.tally.outbox.OutboxPath;
import dev.tally.outbox.bridge.BridgeListener;
import dev.tally.outbox.bridge.BridgeRefusedException;
import dev.tally.outbox.bridge.OutboxBridge;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.transaction.PlatformTransactionManager;

/** Bridges from other outboxes, where any is configured. */
@AutoConfiguration(after = TallyOutboxAutoConfiguration.class)
@Conditional(BridgeConfiguredCondition.class)
@ConditionalOnBean(OutboxPath.class)
@EnableConfigurationProperties(TallyBridgeProperties.class)
public final class TallyBridgeAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    @DependsOnDatabaseInitialization
    OutboxBridges tallyOutboxBridges(
            TallyBridgeProperties properties,
            ObjectProvider<TallyBridgeMapping> mappings,
            ObjectProvider<BridgeListener> listeners,
            ListableBeanFactory beanFactory,
            DataSource dataSource,
            Dialect dialect,
            ObjectProvider<PlatformTransactionManager> managers,
            OutboxPath outbox,
            ProcessEdges edges) {
        PlatformTransactionManager transactions = managers.getIfUnique();
        if (transactions == null) {
            throw new BridgeRefusedException(
                    "Cannot bridge from another outbox: there is no transaction manager, or none"
                            + " that is marked as the primary one");
        }
        List<OutboxBridge> bridges = new ArrayList<>();
        BridgeParts parts =
                new BridgeParts(beanFactory, mappings.orderedStream().toList());
        for (BridgeParts.Part part : parts.of(properties)) {
            bridges.add(OutboxBridge.over(
                            part.peer(), dataSource, dialect, transactions, outbox, part.mapping(), edges.clock())
                    .settings(properties.settings(part.mode()))
                    .listener(FanOut.to(BridgeListener.class, listeners))
                    .build());
        }
        return new OutboxBridges(bridges);
    }

    @Bean
    @ConditionalOnMissingBean
    BridgeRuntime tallyBridgeRuntime(OutboxBridges bridges) {
        return new BridgeRuntime(bridges);
    }

    @Bean
    @ConditionalOnMissingBean
    BridgeOperations tallyBridgeOperations(TallyBridgeProperties properties, OutboxBridges bridges) {
        return new BridgeOperations(bridges, properties.operateByHand());
    }
}
