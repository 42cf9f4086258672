package dev.tally.boot.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.boot.TallyCoreAutoConfiguration;
import dev.tally.transport.Transport;
import dev.tally.transport.TransportException;
import dev.tally.transport.redis.RedisSettings;
import dev.tally.transport.redis.RedisTransport;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.test.util.ReflectionTestUtils;

/** What the transport takes over of {@code spring.data.redis.*}. Nobody listens at the addresses. */
class TallyRedisAutoConfigurationTest {

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    DataRedisAutoConfiguration.class,
                    TallyCoreAutoConfiguration.class,
                    TallyRedisAutoConfiguration.class,
                    TallyTransportsAutoConfiguration.class))
            .withPropertyValues(
                    "spring.datasource.generate-unique-name=true",
                    "tally.transport.default=redis",
                    "spring.data.redis.host=127.0.0.1",
                    "spring.data.redis.port=1",
                    "tally.redis.close-timeout=10ms");

    @Test
    void takesAddressCredentialsTlsAndDatabase() {
        application
                .withPropertyValues(
                        "spring.data.redis.username=shop",
                        "spring.data.redis.password=secret",
                        "spring.data.redis.database=3",
                        "spring.data.redis.ssl.enabled=true",
                        "spring.data.redis.client-name=orders",
                        "spring.data.redis.timeout=7s",
                        "spring.data.redis.connect-timeout=3s")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(RedisTransport.class);
                    assertThat(context.getBean(Transport.class).name()).isEqualTo("redis");
                    AbstractRedisClient client = client(context.getBean(LettuceConnectionFactory.class));
                    RedisURI uri = (RedisURI) ReflectionTestUtils.getField((RedisClient) client, "redisURI");
                    assertThat(uri.getHost()).isEqualTo("127.0.0.1");
                    assertThat(uri.getPort()).isEqualTo(1);
                    assertThat(uri.getDatabase()).isEqualTo(3);
                    assertThat(uri.isSsl()).isTrue();
                    assertThat(uri.getClientName()).isEqualTo("orders");
                    assertThat(uri.getTimeout()).isEqualTo(Duration.ofSeconds(7));
                    RedisCredentials credentials =
                            uri.getCredentialsProvider().resolveCredentials().block();
                    assertThat(credentials.getUsername()).isEqualTo("shop");
                    assertThat(credentials.getPassword()).isEqualTo("secret".toCharArray());
                    assertThat(client.getOptions().getSocketOptions().getConnectTimeout())
                            .isEqualTo(Duration.ofSeconds(3));
                });
    }

    @Test
    void takesSentinels() {
        application
                .withPropertyValues(
                        "spring.data.redis.sentinel.master=main",
                        "spring.data.redis.sentinel.nodes=127.0.0.1:2,127.0.0.1:3")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(RedisTransport.class);
                    RedisURI uri = (RedisURI) ReflectionTestUtils.getField(
                            (RedisClient) client(context.getBean(LettuceConnectionFactory.class)), "redisURI");
                    assertThat(uri.getSentinelMasterId()).isEqualTo("main");
                    assertThat(uri.getSentinels()).extracting(RedisURI::getPort).containsExactlyInAnyOrder(2, 3);
                });
    }

    @Test
    void takesTheNodesOfACluster() {
        application
                .withPropertyValues(
                        "spring.data.redis.cluster.nodes=127.0.0.1:4,127.0.0.1:5",
                        "spring.data.redis.cluster.max-redirects=7")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(RedisTransport.class);
                    AbstractRedisClient client = client(context.getBean(LettuceConnectionFactory.class));
                    assertThat(client).isInstanceOf(RedisClusterClient.class);
                    List<?> uris =
                            List.copyOf((java.util.Collection<?>) ReflectionTestUtils.getField(client, "initialUris"));
                    assertThat(uris)
                            .extracting(uri -> ((RedisURI) uri).getPort())
                            .containsExactlyInAnyOrder(4, 5);
                });
    }

    private static AbstractRedisClient client(LettuceConnectionFactory factory) {
        AbstractRedisClient client = RedisClientOfItsOwn.like(factory);
        assertThat(client).isNotSameAs(factory.getRequiredNativeClient());
        return client;
    }

    @Test
    void takesItsOwnProperties() {
        application
                .withPropertyValues(
                        "tally.redis.prefix=shop:",
                        "tally.redis.partitions=8",
                        "tally.redis.send-timeout=2s",
                        "tally.redis.window=50",
                        "tally.redis.retry-delay=3s",
                        "tally.redis.lease-time=30s",
                        "tally.redis.retention=2d",
                        "tally.redis.max-message-size=2MB",
                        "tally.redis.min-replicas=1")
                .run(context -> {
                    RedisSettings settings = context.getBean(RedisSettings.class);
                    assertThat(settings.prefix()).isEqualTo("shop:");
                    assertThat(settings.partitions()).isEqualTo(8);
                    assertThat(settings.sendTimeout()).isEqualTo(Duration.ofSeconds(2));
                    assertThat(settings.closeTimeout()).isEqualTo(Duration.ofMillis(10));
                    assertThat(settings.window()).isEqualTo(50);
                    assertThat(settings.retryDelay()).isEqualTo(Duration.ofSeconds(3));
                    assertThat(settings.leaseTime()).isEqualTo(Duration.ofSeconds(30));
                    assertThat(settings.retention()).isEqualTo(Duration.ofDays(2));
                    assertThat(settings.redeliveryHorizon()).isEqualTo(Duration.ofDays(2));
                    assertThat(settings.maxMessageBytes()).isEqualTo(2 * 1024 * 1024);
                    assertThat(settings.minReplicas()).isEqualTo(1);
                    assertThat(settings.handlerThreads()).isNull();
                });
        application.withPropertyValues("tally.redis.redelivery-horizon=20d").run(context -> assertThat(
                        context.getBean(Transport.class).redeliveryHorizon())
                .isEqualTo(Duration.ofDays(20)));
    }

    @Test
    void endsTheStartWhereItCannotKnowTheMasterOrHasNoFactory() {
        application
                .withPropertyValues("spring.data.redis.masterreplica.nodes=127.0.0.1:6,127.0.0.1:7")
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasRootCauseInstanceOf(TransportException.class)
                        .rootCause()
                        .hasMessageContaining("masterreplica"));
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        TallyCoreAutoConfiguration.class,
                        TallyRedisAutoConfiguration.class))
                .withPropertyValues("spring.datasource.generate-unique-name=true", "tally.transport.default=redis")
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasRootCauseInstanceOf(TransportException.class)
                        .rootCause()
                        .hasMessageContaining("LettuceConnectionFactory"));
    }

    @Test
    void staysAwayWhereAnotherTransportIsChosen() {
        application
                .withPropertyValues("tally.transport.default=rocketmq")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(RedisTransport.class));
    }
}
