package dev.tally.boot;

import dev.tally.half.HalfMessagePath;
import dev.tally.message.PayloadCodec;
import dev.tally.message.TimeOrderedIds;
import dev.tally.outbox.OutboxPath;
import dev.tally.publish.MessagePublisher;
import dev.tally.publish.PendingChanges;
import dev.tally.publish.PublishListener;
import dev.tally.publish.PublishingPath;
import dev.tally.publish.TransactionalMessagePublisher;
import dev.tally.publish.Via;
import dev.tally.publish.jpa.JpaPendingChanges;
import jakarta.persistence.EntityManagerFactory;
import java.util.EnumMap;
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

/** The publisher, with the ways out that are there. */
@AutoConfiguration(after = TallyHalfMessageAutoConfiguration.class)
@ConditionalOnBean(OutboxPath.class)
public final class TallyPublishingAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(MessagePublisher.class)
    TransactionalMessagePublisher tallyMessagePublisher(
            PayloadCodec codec,
            TimeOrderedIds ids,
            DataSource dataSource,
            ObjectProvider<OutboxPath> outbox,
            ObjectProvider<HalfMessagePath> half,
            ObjectProvider<PendingChanges> pendingChanges,
            ObjectProvider<PublishListener> listeners,
            ProcessEdges edges) {
        Map<Via, PublishingPath> paths = new EnumMap<>(Via.class);
        outbox.ifAvailable(path -> paths.put(Via.OUTBOX, path));
        half.ifAvailable(path -> paths.put(Via.HALF_MESSAGE, path));
        return new TransactionalMessagePublisher(
                codec,
                ids,
                dataSource,
                paths,
                pendingChanges.orderedStream().toList(),
                FanOut.to(PublishListener.class, listeners),
                edges.clock());
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
