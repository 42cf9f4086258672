package dev.tally.boot.transport;

import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.amqp.autoconfigure.CachingConnectionFactoryConfigurer;

/**
 * Where the transport's connections come from.
 *
 * <p>Beside the factory that Spring Boot makes of {@code spring.rabbitmq.*} the transport has one of its own, with the same
 * client and the same settings, so that it and the application's templates and listeners do not hold each other up. Only
 * Boot knows all of the settings: a factory that the application has made itself is used as it is.
 */
final class RabbitMqConnections implements AutoCloseable {

    private static final String NAME = "tally";

    private final ConnectionFactory factory;
    private final boolean own;

    private RabbitMqConnections(ConnectionFactory factory, boolean own) {
        this.factory = factory;
        this.own = own;
    }

    /** Connects to nothing yet. */
    static RabbitMqConnections like(
            ConnectionFactory theirs,
            CachingConnectionFactoryConfigurer configurer,
            ConfigurableListableBeanFactory beans) {
        if (!(theirs instanceof CachingConnectionFactory boots) || !isMadeByBoot(theirs, beans)) {
            return new RabbitMqConnections(theirs, false);
        }
        CachingConnectionFactory own = new CachingConnectionFactory(boots.getRabbitConnectionFactory());
        configurer.configure(own);
        own.setCacheMode(CachingConnectionFactory.CacheMode.CHANNEL);
        own.setConnectionCacheSize(1);
        own.setBeanName(NAME);
        return new RabbitMqConnections(own, true);
    }

    private static boolean isMadeByBoot(ConnectionFactory factory, ConfigurableListableBeanFactory beans) {
        String boots = CachingConnectionFactoryConfigurer.class.getPackageName() + ".";
        return beans.getBeansOfType(ConnectionFactory.class).entrySet().stream()
                .filter(bean -> bean.getValue() == factory && beans.containsBeanDefinition(bean.getKey()))
                .map(bean -> beans.getBeanDefinition(bean.getKey()).getFactoryBeanName())
                .anyMatch(maker -> maker != null && maker.startsWith(boots));
    }

    ConnectionFactory factory() {
        return factory;
    }

    @Override
    public void close() {
        if (own && factory instanceof CachingConnectionFactory caching) {
            caching.destroy();
        }
    }
}
