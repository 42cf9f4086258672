package dev.tally.boot;

import dev.tally.publish.MessagePublisher;
import dev.tally.publish.PublishedMessageListener;
import jakarta.persistence.EntityManagerFactory;
import java.util.Objects;
import javax.sql.DataSource;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;

/**
 * What publishes beside annotated methods: application events, and Hibernate's changes of entities. It is there also where
 * there is no publisher to use, so that what is annotated then fails and is not forgotten.
 */
@AutoConfiguration(after = {TallyPublishingAutoConfiguration.class, TallySeveralDataSourcesAutoConfiguration.class})
@ConditionalOnBean(DataSource.class)
public final class TallyMessageSourcesAutoConfiguration {

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    @ConditionalOnMissingBean
    static PublishedMessageListener tallyPublishedMessageListener(
            ObjectProvider<MessagePublisher> publisher, ConfigurableListableBeanFactory beanFactory) {
        return new PublishedMessageListener(publisher::getObject, text -> resolved(beanFactory, text));
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static PublishedMessageScan tallyPublishedMessageScan(
            PublishedMessageListener listener, ConfigurableListableBeanFactory beanFactory) {
        return new PublishedMessageScan(listener, beanFactory);
    }

    private static String resolved(ConfigurableListableBeanFactory beanFactory, String text) {
        return Objects.requireNonNullElse(beanFactory.resolveEmbeddedValue(text), "");
    }

    /** Apart, so that Hibernate's classes are needed only where Hibernate is. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(SessionFactoryImplementor.class)
    static final class Hibernate {

        @Bean
        @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
        static EntityChangeInstallation tallyEntityChangeInstallation(
                ObjectProvider<MessagePublisher> publisher, ConfigurableListableBeanFactory beanFactory) {
            return new EntityChangeInstallation(publisher, text -> resolved(beanFactory, text));
        }
    }

    /** Where another mapper is the only one. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(EntityManagerFactory.class)
    @ConditionalOnMissingClass("org.hibernate.engine.spi.SessionFactoryImplementor")
    static final class WithoutHibernate {

        @Bean
        @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
        static EntitiesWithoutHibernate tallyEntitiesWithoutHibernate() {
            return new EntitiesWithoutHibernate();
        }
    }
}
