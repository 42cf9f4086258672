package dev.tally.boot.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.boot.TallyCoreAutoConfiguration;
import dev.tally.boot.transport.choice.TransportChoiceException;
import dev.tally.transport.Transport;
import dev.tally.transport.kafka.KafkaSettings;
import dev.tally.transport.kafka.KafkaTransport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What Tally takes over of {@code spring.kafka.*}. Nobody listens at the address. */
class TallyKafkaAutoConfigurationTest {

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    SslAutoConfiguration.class,
                    KafkaAutoConfiguration.class,
                    TallyCoreAutoConfiguration.class,
                    TallyKafkaAutoConfiguration.class,
                    TallyTransportsAutoConfiguration.class))
            .withPropertyValues(
                    "spring.datasource.generate-unique-name=true",
                    "spring.application.name=shop",
                    "tally.transport.default=kafka",
                    "spring.kafka.bootstrap-servers=127.0.0.1:1,127.0.0.1:2",
                    "tally.kafka.close-timeout=10ms");

    @Test
    void takesAddressesSecurityAndTuning() {
        application
                .withPropertyValues(
                        "spring.kafka.security.protocol=SASL_PLAINTEXT",
                        "spring.kafka.properties[sasl.mechanism]=PLAIN",
                        "spring.kafka.properties[sasl.jaas.config]="
                                + "org.apache.kafka.common.security.plain.PlainLoginModule required"
                                + " username=\"u\" password=\"the-secret\";",
                        "spring.kafka.producer.compression-type=gzip",
                        "spring.kafka.producer.value-serializer="
                                + "org.apache.kafka.common.serialization.StringSerializer",
                        "spring.kafka.consumer.max-poll-records=7",
                        "spring.kafka.consumer.auto-offset-reset=latest",
                        "spring.kafka.admin.properties[request.timeout.ms]=1234",
                        "tally.kafka.send-timeout=7s",
                        "tally.kafka.dead-letter-suffix=.DLT",
                        "tally.kafka.producer.linger.ms=3")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(KafkaTransport.class);
                    assertThat(context.getBean(Transport.class).name()).isEqualTo("kafka");
                    KafkaSettings settings = context.getBean(KafkaSettings.class);
                    assertThat(settings.producer())
                            .containsEntry("bootstrap.servers", List.of("127.0.0.1:1", "127.0.0.1:2"))
                            .containsEntry("security.protocol", "SASL_PLAINTEXT")
                            .containsEntry("sasl.mechanism", "PLAIN")
                            .containsEntry("compression.type", "gzip")
                            .containsEntry("linger.ms", "3");
                    assertThat(settings.consumer())
                            .containsEntry("bootstrap.servers", List.of("127.0.0.1:1", "127.0.0.1:2"))
                            .containsEntry("max.poll.records", 7)
                            .doesNotContainKey("linger.ms");
                    assertThat(settings.admin()).containsEntry("request.timeout.ms", "1234");
                    assertThat(settings.sendTimeout()).isEqualTo(Duration.ofSeconds(7));
                    assertThat(settings.deadLetterSuffix()).isEqualTo(".DLT");
                    assertThat(settings.cloudEventSource()).isEqualTo("/shop");
                    assertThat(settings.toString()).doesNotContain("the-secret");
                });
    }

    @Test
    void takesConnectionDetailsOfContainersAndPlatforms() {
        application
                .withBean(KafkaConnectionDetails.class, () -> () -> List.of("127.0.0.1:9"))
                .run(context -> assertThat(context.getBean(KafkaSettings.class).producer())
                        .containsEntry("bootstrap.servers", List.of("127.0.0.1:9")));
    }

    @Test
    void doesNotStartWherePropertiesBreakWhatItPromises() {
        application
                .withPropertyValues("spring.kafka.producer.acks=1")
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("acks=1"));
        application
                .withPropertyValues("spring.kafka.producer.acks=1", "tally.kafka.producer.acks=all")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void writesNoCloudEventsWhereTheSourceIsSetToNothing() {
        application.withPropertyValues("tally.kafka.cloud-event-source=").run(context -> assertThat(
                        context.getBean(KafkaSettings.class).cloudEventSource())
                .isNull());
    }

    @Test
    void saysWhatIsMissingWithoutSpringBootsKafka() {
        application
                .withClassLoader(new FilteredClassLoader("org.springframework.kafka"))
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(TransportChoiceException.class)
                        .hasMessageContaining("spring-boot-starter-kafka"));
    }

    @Test
    void settingsOfTheApplicationWin() {
        application
                .withBean(KafkaSettings.class, () -> KafkaSettings.builder(Map.of("bootstrap.servers", "127.0.0.1:3"))
                        .window(5)
                        .build())
                .run(context -> assertThat(context.getBean(KafkaSettings.class).window())
                        .isEqualTo(5));
    }
}
