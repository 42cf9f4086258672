package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.half.CheckBackAnswer;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.ChildJvm;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.TransportException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker that asks for accounts and talks to nobody in plain text. It has topic {@value #TOPIC}, account
 * {@value #ACCOUNT} that may send to it and consume from it as group {@value #GROUP}, and no more, and a topic
 * {@value #FORBIDDEN} which that account may not use.
 */
abstract class SecuredContract {

    static final String TOPIC = "secured";
    static final String FORBIDDEN = "forbidden";
    static final String GROUP = "secured-readers";
    static final String ACCOUNT = "shop-app";
    static final String SECRET = "shop-secret";

    private final List<RocketMqTransport> opened = new CopyOnWriteArrayList<>();

    /** {@code host:port} of the name server. */
    abstract String nameServer();

    /** The certificate of name server and broker. */
    abstract Path certificate();

    @AfterEach
    void closeTransports() {
        opened.forEach(RocketMqTransport::close);
    }

    @Test
    void anAccountWithItsPermissionsSendsCommitsRollsBackAndIsAsked() {
        RocketMqTransport transport = open(ACCOUNT, SECRET, true);
        transport.onCheckBack((transactionId, messageId) ->
                transactionId.startsWith("forgotten") ? CheckBackAnswer.COMMIT : CheckBackAnswer.ROLLBACK);
        List<MessageId> received = new CopyOnWriteArrayList<>();
        transport.subscribe(new Subscription(TOPIC, GROUP, "*", 4, true, 3), batch -> {
            batch.forEach(each -> received.add(each.message().id()));
            return batch.stream()
                    .<DeliveryOutcome>map(each -> new DeliveryOutcome.Delivered())
                    .toList();
        });
        Message plain = message(TOPIC);
        Message committed = message(TOPIC);
        Message rolledBack = message(TOPIC);
        Message asked = message(TOPIC);

        assertThat(transport.send(List.of(plain)).get(0).join()).isInstanceOf(SendOutcome.Sent.class);
        assertThat(transport
                        .commit(transport.prepare(id("t"), List.of(committed)).join())
                        .join())
                .isTrue();
        assertThat(transport
                        .rollback(
                                transport.prepare(id("t"), List.of(rolledBack)).join())
                        .join())
                .isTrue();
        transport.prepare(id("forgotten"), List.of(asked)).join();

        patiently().until(() -> received.containsAll(List.of(plain.id(), committed.id(), asked.id())));
        assertThat(received).doesNotContain(rolledBack.id());
        transport.verifyReachable();
    }

    @Test
    void aWrongSecretIsNamedAtTheFirstUse() {
        RocketMqTransport transport = open(ACCOUNT, "not the secret", true);

        assertThatThrownBy(transport::verifyReachable)
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("refuses with code 16")
                .hasMessageContaining("signature");
        assertThatThrownBy(transport::ofOldestQuestion)
                .hasMessageContaining("refuses with code 16")
                .hasMessageContaining("signature");
        assertThat(transport.send(List.of(message(TOPIC))).get(0).join())
                .isInstanceOfSatisfying(
                        SendOutcome.Failed.class,
                        failed -> assertThat(failed.reason()).contains("16").contains("signature"));
        assertThatThrownBy(() ->
                        transport.prepare(id("t"), List.of(message(TOPIC))).join())
                .hasMessageContaining("16")
                .hasMessageContaining("signature");
    }

    @Test
    void aTopicWithoutPermissionIsRefusedForGood() {
        RocketMqTransport transport = open(ACCOUNT, SECRET, true);

        assertThat(transport.send(List.of(message(FORBIDDEN))).get(0).join())
                .isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> {
                    assertThat(failed.reason()).contains(FORBIDDEN).contains("ermission");
                    assertThat(failed.retryable()).isFalse();
                });
    }

    @Test
    void aPlainConnectionGetsNoAnswer() {
        RocketMqTransport transport = open(ACCOUNT, SECRET, false);

        assertThatThrownBy(transport::verifyReachable)
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("does not answer");
    }

    @Test
    void aClientThatVerifiesCertificatesTalksToNobodyElse(@TempDir Path directory) throws Exception {
        Path another = TestCertificate.make(directory, "another").certificate();
        try (ChildJvm client = ChildJvm.start(
                        VerifyingClient.class,
                        VerifyingClient.DONE,
                        List.of(nameServer(), certificate().toString(), another.toString()))
                .awaitReady()) {
            assertThat(client.output())
                    .contains("trusted: reached")
                    .anySatisfy(line -> assertThat(line).startsWith("another: Cannot reach RocketMQ"))
                    .noneSatisfy(line -> assertThat(line).contains("undefined"));
        }
    }

    /** A transport of the account that may use {@link #TOPIC}. */
    final RocketMqTransport open() {
        return open(ACCOUNT, SECRET, true);
    }

    private RocketMqTransport open(String accessKey, String secretKey, boolean tls) {
        RocketMqTransport transport = new RocketMqTransport(RocketMqSettings.builder(
                        nameServer(), "secured-producers", UUID.randomUUID().toString())
                .credentials(accessKey, secretKey)
                .tls(tls)
                .sendTimeout(Duration.ofSeconds(20))
                .closeTimeout(Duration.ofSeconds(1))
                .build());
        opened.add(transport);
        return transport;
    }

    static String id(String prefix) {
        return prefix + "-" + UUID.randomUUID();
    }

    static Message message(String topic) {
        return new Message(
                new MessageId(id("m")), Destination.topic(topic), null, "text", Headers.empty(), new byte[] {1});
    }

    static ConditionFactory patiently() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(50));
    }
}
