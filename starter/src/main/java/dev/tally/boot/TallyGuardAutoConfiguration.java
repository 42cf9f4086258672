package dev.tally.boot;

import dev.tally.boot.guard.AmqpMessageIds;
import dev.tally.boot.guard.JmsMessageIds;
import dev.tally.boot.guard.KafkaRecordIds;
import dev.tally.boot.guard.SpringHeadersIds;
import dev.tally.boot.guard.SpringMessageIds;
import dev.tally.consume.ConsumeListener;
import dev.tally.consume.InboxStore;
import dev.tally.consume.JdbcInboxStore;
import dev.tally.consume.guard.GuardParts;
import dev.tally.consume.guard.IdempotentGuardAdvisor;
import dev.tally.consume.guard.IdempotentGuardValidator;
import dev.tally.consume.guard.MessageIdSource;
import dev.tally.consume.guard.TallyMessageIds;
import dev.tally.jdbc.Dialect;
import dev.tally.reply.JdbcReplyStore;
import dev.tally.reply.ReplyStore;
import dev.tally.transport.rocketmq.RocketMqMessageIds;
import jakarta.jms.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.rocketmq.common.message.MessageExt;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.AnnotationTransactionAttributeSource;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import tools.jackson.databind.json.JsonMapper;

/** The inbox, and guards of methods that others call; neither needs a transport. */
@AutoConfiguration(after = {TallyCoreAutoConfiguration.class, TallySchemaAutoConfiguration.class})
@ConditionalOnBean(Dialect.class)
@ConditionalOnSingleCandidate(PlatformTransactionManager.class)
public final class TallyGuardAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(InboxStore.class)
    @DependsOnDatabaseInitialization
    JdbcInboxStore tallyInboxStore(DataSource dataSource, PlatformTransactionManager transactions, Dialect dialect) {
        return new JdbcInboxStore(dataSource, transactions, dialect);
    }

    @Bean
    @ConditionalOnMissingBean(ReplyStore.class)
    @DependsOnDatabaseInitialization
    JdbcReplyStore tallyReplyStore(DataSource dataSource, PlatformTransactionManager transactions, Dialect dialect) {
        return new JdbcReplyStore(dataSource, transactions, dialect);
    }

    @Bean
    @ConditionalOnMissingBean
    GuardParts tallyGuardParts(
            InboxStore inbox,
            ReplyStore replies,
            PlatformTransactionManager transactions,
            ObjectProvider<TransactionAttributeSource> attributes,
            ObjectProvider<JsonMapper> mapper,
            ObjectProvider<ConsumeListener> listeners,
            ObjectProvider<MessageIdSource<?>> sources,
            ProcessEdges edges) {
        List<MessageIdSource<?>> all = new ArrayList<>(sources.orderedStream().toList());
        all.add(new TallyMessageIds());
        return new GuardParts(
                inbox,
                replies,
                transactions,
                attributes.getIfUnique(() -> new AnnotationTransactionAttributeSource(false)),
                mapper.getIfAvailable(JsonMapper::shared),
                edges.clock(),
                FanOut.to(ConsumeListener.class, listeners),
                all);
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static IdempotentGuardAdvisor tallyIdempotentGuardAdvisor(
            ObjectProvider<GuardParts> parts, ConfigurableListableBeanFactory beanFactory) {
        return new IdempotentGuardAdvisor(
                parts::getObject, text -> Objects.requireNonNullElse(beanFactory.resolveEmbeddedValue(text), ""));
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static IdempotentGuardValidator tallyIdempotentGuardValidator(
            ConfigurableListableBeanFactory beanFactory,
            IdempotentGuardAdvisor advisor,
            ObjectProvider<GuardParts> parts) {
        return new IdempotentGuardValidator(beanFactory, advisor, parts::getObject);
    }

    // Each apart, so that a library's classes are needed only where it is.

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(org.springframework.messaging.Message.class)
    static final class SpringMessaging {

        @Bean
        SpringMessageIds tallySpringMessageIds() {
            return new SpringMessageIds();
        }

        @Bean
        SpringHeadersIds tallySpringHeadersIds() {
            return new SpringHeadersIds();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MessageExt.class)
    static final class RocketMq {

        @Bean
        RocketMqMessageIds tallyRocketMqMessageIds() {
            return new RocketMqMessageIds();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ConsumerRecord.class)
    static final class Kafka {

        @Bean
        KafkaRecordIds tallyKafkaRecordIds() {
            return new KafkaRecordIds();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(org.springframework.amqp.core.Message.class)
    static final class Amqp {

        @Bean
        AmqpMessageIds tallyAmqpMessageIds() {
            return new AmqpMessageIds();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Message.class)
    static final class Jms {

        @Bean
        JmsMessageIds tallyJmsMessageIds() {
            return new JmsMessageIds();
        }
    }
}
