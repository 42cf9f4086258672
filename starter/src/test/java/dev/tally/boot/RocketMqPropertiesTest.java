package dev.tally.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.transport.rocketmq.RocketMqSettings;
import dev.tally.transport.rocketmq.RocketMqTransport;
import java.time.Duration;
import org.apache.rocketmq.spring.autoconfigure.RocketMQAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What Tally takes over of {@code rocketmq.*}, next to RocketMQ's own starter. Nobody listens at the address. */
class RocketMqPropertiesTest {

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    RocketMQAutoConfiguration.class,
                    TallyCoreAutoConfiguration.class,
                    TallyRocketMqAutoConfiguration.class))
            .withPropertyValues(
                    "spring.datasource.generate-unique-name=true",
                    "rocketmq.name-server=127.0.0.1:1;127.0.0.1:2",
                    "tally.rocketmq.close-timeout=10ms");

    @Test
    void takesAddressGroupKeysNamespaceTlsAndSize() {
        application
                .withPropertyValues(
                        "rocketmq.producer.group=shop",
                        "rocketmq.producer.access-key=the-access-key",
                        "rocketmq.producer.secret-key=the-secret-key",
                        "rocketmq.producer.namespace=shops",
                        "rocketmq.producer.tls-enable=true",
                        "rocketmq.producer.max-message-size=1000",
                        "tally.rocketmq.send-timeout=7s",
                        "tally.half-message.check-horizon=30h")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(RocketMqTransport.class);
                    RocketMqSettings settings = context.getBean(RocketMqSettings.class);
                    assertThat(settings.nameServer()).isEqualTo("127.0.0.1:1;127.0.0.1:2");
                    assertThat(settings.producerGroup()).isEqualTo("shop-tally");
                    assertThat(settings.accessKey()).isEqualTo("the-access-key");
                    assertThat(settings.secretKey()).isEqualTo("the-secret-key");
                    assertThat(settings.namespace()).isEqualTo("shops");
                    assertThat(settings.tls()).isTrue();
                    assertThat(settings.maxMessageBytes()).isEqualTo(1000);
                    assertThat(settings.sendTimeout()).isEqualTo(Duration.ofSeconds(7));
                    assertThat(settings.checkHorizon()).isEqualTo(Duration.ofHours(30));
                    assertThat(settings.toString()).contains("the-access-key").doesNotContain("the-secret-key");
                });
    }

    @Test
    void whatIsSetToNothingIsNotSet() {
        application
                .withPropertyValues(
                        "spring.application.name=order service",
                        "rocketmq.producer.access-key=",
                        "rocketmq.producer.secret-key=",
                        "rocketmq.producer.namespace=")
                .run(context -> {
                    RocketMqSettings settings = context.getBean(RocketMqSettings.class);
                    assertThat(settings.accessKey()).isNull();
                    assertThat(settings.secretKey()).isNull();
                    assertThat(settings.namespace()).isNull();
                    assertThat(settings.tls()).isFalse();
                    assertThat(settings.producerGroup()).isEqualTo("order_service-tally");
                    assertThat(settings.checkHorizon()).isEqualTo(Duration.ofHours(72));
                });
    }

    @Test
    void ownGroupAndOwnSettingsWin() {
        application
                .withPropertyValues("rocketmq.producer.group=shop", "tally.rocketmq.producer-group=our-own")
                .run(context -> assertThat(
                                context.getBean(RocketMqSettings.class).producerGroup())
                        .isEqualTo("our-own"));
        application
                .withBean(RocketMqSettings.class, () -> RocketMqSettings.builder("127.0.0.1:3", "g", "i-1")
                        .build())
                .run(context -> assertThat(context)
                        .hasSingleBean(RocketMqSettings.class)
                        .hasSingleBean(RocketMqTransport.class));
    }
}
