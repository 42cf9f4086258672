package dev.tally.boot;

import dev.tally.half.HalfMessagePath;
import dev.tally.message.PayloadCodec;
import dev.tally.message.TimeOrderedIds;
import dev.tally.observation.MessageObservations;
import dev.tally.outbox.OutboxPath;
import dev.tally.publish.MessagePublisher;
import dev.tally.publish.PendingChanges;
import dev.tally.publish.PublishListener;
import dev.tally.publish.PublishingPath;
import dev.tally.publish.RoutingMessagePublisher;
import dev.tally.publish.TransactionalMessagePublisher;
import dev.tally.publish.Via;
import dev.tally.publish.jpa.JpaPendingChanges;
import jakarta.persistence.EntityManagerFactory;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.orm.jpa.EntityManagerFactoryUtils;
import org.springframework.transaction.PlatformTransactionManager;

/** The publisher, with the ways out that are there. */
@AutoConfiguration(after = {TallyHalfMessageAutoConfiguration.class, TallyObservationAutoConfiguration.class})
@ConditionalOnBean(OutboxPath.class)
public final class TallyPublishingAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(MessagePublisher.class)
    MessagePublisher tallyMessagePublisher(
            PayloadCodec codec,
            TimeOrderedIds ids,
            DataSource dataSource,
            ObjectProvider<OutboxPath> outbox,
            ObjectProvider<HalfMessagePath> half,
            ObjectProvider<PendingChanges> pendingChanges,
            ObjectProvider<PlatformTransactionManager> managers,
            ObjectProvider<PublishListener> listeners,
            ObjectProvider<FurtherDataSources> further,
            ObjectProvider<MessageObservations> observations,
            ProcessEdges edges) {
        List<PendingChanges> beans = pendingChanges.orderedStream().toList();
        PlatformTransactionManager transactions = managers.getIfUnique();
        List<PendingChanges> pending = transactions != null && JpaOfManager.isPresent()
                ? JpaOfManager.belongingTo(transactions, beans)
                : beans;
        Map<Via, PublishingPath> paths = new EnumMap<>(Via.class);
        outbox.ifAvailable(path -> paths.put(Via.OUTBOX, path));
        half.ifAvailable(path -> paths.put(Via.HALF_MESSAGE, path));
        TransactionalMessagePublisher primary = new TransactionalMessagePublisher(
                codec,
                ids,
                dataSource,
                paths,
                pending,
                FanOut.to(PublishListener.class, listeners),
                edges.clock(),
                observations.getIfAvailable(MessageObservations::none));
        Map<String, TransactionalMessagePublisher> publishers = new LinkedHashMap<>(Map.of("primary", primary));
        further.ifAvailable(all -> all.forEach(each -> publishers.put("'" + each.name() + "'", each.publisher())));
        return publishers.size() == 1 ? primary : new RoutingMessagePublisher(publishers);
    }

    /** Apart, so that JPA's classes are needed only where JPA is. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({EntityManagerFactory.class, EntityManagerFactoryUtils.class})
    @ConditionalOnSingleCandidate(EntityManagerFactory.class)
    static final class Jpa {

        @Bean
        JpaPendingChanges tallyJpaPendingChanges(EntityManagerFactory entityManagerFactory) {
            return new JpaPendingChanges(entityManagerFactory);
        }
    }
}
