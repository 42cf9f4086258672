package dev.tally.boot;

import dev.tally.jdbc.Dialect;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.PayloadCodec;
import dev.tally.message.TimeOrderedIds;
import dev.tally.publish.MessagePublisher;
import dev.tally.publish.TransactionAdvicePlacement;
import dev.tally.publish.TransactionalPublisherAdvisor;
import dev.tally.publish.TransactionalPublisherValidator;
import java.util.Objects;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;
import tools.jackson.databind.json.JsonMapper;

/** What every other part needs: database dialect, payload codec, ids, and the advice of annotated publishers. */
@AutoConfiguration(
        after = {
            DataSourceAutoConfiguration.class,
            DataSourceTransactionManagerAutoConfiguration.class,
            TransactionAutoConfiguration.class,
            JacksonAutoConfiguration.class
        },
        afterName = "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration")
@ConditionalOnSingleCandidate(DataSource.class)
public final class TallyCoreAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    ProcessEdges tallyProcessEdges() {
        return ProcessEdges.real();
    }

    @Bean
    @ConditionalOnMissingBean
    Dialect tallyDialect(DataSource dataSource) {
        return Dialect.of(dataSource);
    }

    @Bean
    @ConditionalOnMissingBean(PayloadCodec.class)
    JacksonPayloadCodec tallyPayloadCodec(ObjectProvider<JsonMapper> mapper) {
        return new JacksonPayloadCodec(mapper.getIfAvailable(JsonMapper::shared));
    }

    @Bean
    @ConditionalOnMissingBean
    TimeOrderedIds tallyMessageIds(ProcessEdges edges) {
        return new TimeOrderedIds(edges.clock(), edges.random());
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static TransactionAdvicePlacement tallyTransactionAdvicePlacement() {
        return new TransactionAdvicePlacement();
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static TransactionMarking tallyTransactionMarking() {
        return new TransactionMarking();
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static TransactionalPublisherAdvisor tallyTransactionalPublisherAdvisor(
            ObjectProvider<MessagePublisher> publisher, ConfigurableListableBeanFactory beanFactory) {
        return new TransactionalPublisherAdvisor(
                publisher::getObject, text -> Objects.requireNonNullElse(beanFactory.resolveEmbeddedValue(text), ""));
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static TransactionalPublisherValidator tallyTransactionalPublisherValidator(
            ConfigurableListableBeanFactory beanFactory) {
        return new TransactionalPublisherValidator(beanFactory);
    }
}
