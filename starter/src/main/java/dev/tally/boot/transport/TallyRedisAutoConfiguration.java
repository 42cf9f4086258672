package dev.tally.boot.transport;

import dev.tally.boot.HandlerThreads;
import dev.tally.boot.ProcessEdges;
import dev.tally.boot.TallyCoreAutoConfiguration;
import dev.tally.boot.transport.choice.ConditionalOnTransport;
import dev.tally.transport.TransportException;
import dev.tally.transport.redis.RedisSettings;
import dev.tally.transport.redis.RedisTransport;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.cluster.RedisClusterClient;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** The transport over Redis streams, by the application's own {@code spring.data.redis.*} properties. */
@AutoConfiguration(
        after = TallyCoreAutoConfiguration.class,
        before = TallyTransportsAutoConfiguration.class,
        afterName = "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration")
@ConditionalOnClass({RedisTransport.class, LettuceConnectionFactory.class, DataRedisConnectionDetails.class})
@ConditionalOnBean(ProcessEdges.class)
@ConditionalOnTransport("redis")
@EnableConfigurationProperties(TallyRedisProperties.class)
public final class TallyRedisAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    RedisSettings tallyRedisSettings(TallyRedisProperties properties, ProcessEdges edges, Environment environment) {
        return RedisSettings.builder(edges.uniqueNames().get())
                .prefix(properties.prefix())
                .partitions(properties.partitions())
                .sendTimeout(properties.sendTimeout())
                .closeTimeout(properties.closeTimeout())
                .window(properties.window())
                .retryDelay(properties.retryDelay())
                .leaseTime(properties.leaseTime())
                .retention(properties.retention())
                .redeliveryHorizon(properties.redeliveryHorizon())
                .maxMessageBytes(Math.toIntExact(properties.maxMessageSize().toBytes()))
                .minReplicas(properties.minReplicas())
                .handlerThreads(HandlerThreads.of(environment))
                .build();
    }

    @Bean(destroyMethod = "close")
    RedisTransport tallyRedisTransport(
            RedisSettings settings,
            ObjectProvider<LettuceConnectionFactory> factories,
            ObjectProvider<DataRedisConnectionDetails> details) {
        if (details.stream().anyMatch(each -> each.getMasterReplica() != null)) {
            throw new TransportException("Cannot carry messages over Redis with spring.data.redis.masterreplica: which "
                    + "node takes them is not said there; name the master with spring.data.redis.host, or sentinels");
        }
        LettuceConnectionFactory factory = factories.getIfAvailable();
        if (factory == null) {
            throw new TransportException(
                    "Cannot carry messages over Redis: there is no LettuceConnectionFactory; add "
                            + "spring-boot-starter-data-redis, with spring.data.redis.client-type=lettuce if Jedis is there, too");
        }
        AbstractRedisClient client = RedisClientOfItsOwn.like(factory);
        return client instanceof RedisClusterClient cluster
                ? new RedisTransport(cluster, settings)
                : new RedisTransport((RedisClient) client, settings);
    }
}
