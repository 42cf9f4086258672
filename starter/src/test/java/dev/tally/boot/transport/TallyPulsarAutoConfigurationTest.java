package dev.tally.boot.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.boot.TallyCoreAutoConfiguration;
import dev.tally.transport.Capability;
import dev.tally.transport.Transport;
import dev.tally.transport.pulsar.PulsarAdminSettings;
import dev.tally.transport.pulsar.PulsarSettings;
import dev.tally.transport.pulsar.PulsarTransport;
import java.time.Duration;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.impl.PulsarClientImpl;
import org.apache.pulsar.client.impl.auth.AuthenticationToken;
import org.apache.pulsar.client.impl.conf.ClientConfigurationData;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What Tally takes over of {@code spring.pulsar.*}. Nobody listens at the address. */
class TallyPulsarAutoConfigurationTest {

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    TallyCoreAutoConfiguration.class,
                    TallyPulsarAutoConfiguration.class,
                    TallyTransportsAutoConfiguration.class))
            .withPropertyValues(
                    "spring.datasource.generate-unique-name=true",
                    "tally.transport.default=pulsar",
                    "spring.pulsar.client.service-url=pulsar://127.0.0.1:1",
                    "tally.pulsar.close-timeout=10ms");

    @Test
    void takesAddressesAuthenticationAndTimeoutsByTheNamesOfSpringBoot() {
        application
                .withPropertyValues(
                        "spring.pulsar.client.operation-timeout=7s",
                        "spring.pulsar.client.connection-timeout=3s",
                        "spring.pulsar.client.threads.io=1",
                        "spring.pulsar.client.authentication.plugin-class-name="
                                + "org.apache.pulsar.client.impl.auth.AuthenticationToken",
                        "spring.pulsar.client.authentication.param.token=the-secret",
                        "spring.pulsar.defaults.topic.tenant=shop",
                        "tally.pulsar.namespace=eu",
                        "tally.pulsar.send-timeout=9s",
                        "tally.pulsar.max-message-size=1MB")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(PulsarTransport.class);
                    assertThat(context.getBean(Transport.class).name()).isEqualTo("pulsar");
                    ClientConfigurationData client =
                            ((PulsarClientImpl) context.getBean(PulsarClient.class)).getConfiguration();
                    assertThat(client.getServiceUrl()).isEqualTo("pulsar://127.0.0.1:1");
                    assertThat(client.getOperationTimeoutMs()).isEqualTo(7_000);
                    assertThat(client.getConnectionTimeoutMs()).isEqualTo(3_000);
                    assertThat(client.getNumIoThreads()).isEqualTo(1);
                    assertThat(client.getAuthentication()).isInstanceOf(AuthenticationToken.class);
                    assertThat(client.getAuthentication().getAuthData().getCommandData())
                            .isEqualTo("the-secret");
                    PulsarSettings settings = context.getBean(PulsarSettings.class);
                    assertThat(settings.tenant()).isEqualTo("shop");
                    assertThat(settings.namespace()).isEqualTo("eu");
                    assertThat(settings.sendTimeout()).isEqualTo(Duration.ofSeconds(9));
                    assertThat(settings.maxMessageBytes()).isEqualTo(1024 * 1024);
                    assertThat(settings.deadLetterSubscription()).isEqualTo("dead-letters");
                    assertThat(settings.handlerThreads()).isNull();
                });
    }

    @Test
    void takesTheClientAndTheSettingsOfTheApplication() throws Exception {
        try (PulsarClient client =
                PulsarClient.builder().serviceUrl("pulsar://127.0.0.1:2").build()) {
            application
                    .withBean("theirs", PulsarClient.class, () -> client)
                    .withBean(
                            PulsarSettings.class,
                            () -> PulsarSettings.builder().window(5).build())
                    .run(context -> {
                        assertThat(context).hasSingleBean(PulsarClient.class).doesNotHaveBean("tallyPulsarClient");
                        assertThat(context.getBean(PulsarSettings.class).window())
                                .isEqualTo(5);
                    });
        }
    }

    @Test
    void leavesDelaysToTheOutboxWhereBrokersHaveNone() {
        application
                .withPropertyValues("tally.pulsar.max-delay=0s", "tally.pulsar.dead-letter-subscription=")
                .run(context -> {
                    assertThat(context.getBean(Transport.class).capabilities()).doesNotContain(Capability.DELAY);
                    assertThat(context.getBean(PulsarSettings.class).deadLetterSubscription())
                            .isNull();
                });
    }

    @Test
    void canMoveGroupsOnlyWhereItIsToldWhereTheAdministrationIs() {
        application.run(context -> {
            assertThat(context).doesNotHaveBean(PulsarAdminSettings.class);
            assertThat(context.getBean(Transport.class).capabilities()).doesNotContain(Capability.REPLAY);
        });
        application
                .withPropertyValues("spring.pulsar.admin.service-url=", "spring.pulsar.admin.read-timeout=1s")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(PulsarAdminSettings.class));
        application
                .withPropertyValues(
                        "spring.pulsar.admin.service-url=http://127.0.0.1:1,https://other:8443/",
                        "spring.pulsar.admin.connection-timeout=3s",
                        "spring.pulsar.admin.request-timeout=5s",
                        "spring.pulsar.admin.read-timeout=4s",
                        "spring.pulsar.admin.authentication.plugin-class-name="
                                + "org.apache.pulsar.client.impl.auth.AuthenticationToken",
                        "spring.pulsar.admin.authentication.param.token=the-secret")
                .run(context -> {
                    assertThat(context.getBean(Transport.class).capabilities()).contains(Capability.REPLAY);
                    PulsarAdminSettings settings = context.getBean(PulsarAdminSettings.class);
                    assertThat(settings.serviceUrl()).isEqualTo("http://127.0.0.1:1,https://other:8443/");
                    assertThat(settings.connectionTimeout()).isEqualTo(Duration.ofSeconds(3));
                    assertThat(settings.requestTimeout()).isEqualTo(Duration.ofSeconds(5));
                    assertThat(settings.readTimeout()).isEqualTo(Duration.ofSeconds(4));
                    assertThat(settings.authentication().getAuthData().getCommandData())
                            .isEqualTo("the-secret");
                });
        application
                .withPropertyValues("spring.pulsar.admin.service-url=http://127.0.0.1:1")
                .run(context -> {
                    PulsarAdminSettings settings = context.getBean(PulsarAdminSettings.class);
                    assertThat(settings).isEqualTo(PulsarAdminSettings.of("http://127.0.0.1:1"));
                });
    }

    @Test
    void takesTheAdministrationOfTheApplication() {
        PulsarAdminSettings theirs = PulsarAdminSettings.of("http://127.0.0.1:2");
        application
                .withPropertyValues("spring.pulsar.admin.service-url=http://127.0.0.1:1")
                .withBean(PulsarAdminSettings.class, () -> theirs)
                .run(context -> {
                    assertThat(context.getBean(PulsarAdminSettings.class)).isSameAs(theirs);
                    assertThat(context.getBean(Transport.class).capabilities()).contains(Capability.REPLAY);
                });
    }

    @Test
    void doesNotStartWithSettingsThatCannotBe() {
        application
                .withPropertyValues("spring.pulsar.client.service-url=nowhere")
                .run(context -> assertThat(context).hasFailed());
        application
                .withPropertyValues("spring.pulsar.admin.service-url=nowhere")
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("'nowhere'"));
        application
                .withPropertyValues("tally.pulsar.tenant=a/b")
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("tenant='a/b'"));
    }
}
