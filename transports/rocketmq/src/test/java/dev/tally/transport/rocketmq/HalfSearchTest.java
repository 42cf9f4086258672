package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import dev.tally.half.CheckBackAnswer;
import dev.tally.half.HalfMessageList;
import dev.tally.half.HalfMessagesUnavailableException;
import dev.tally.half.OpenHalf;
import dev.tally.half.PreparedHalf;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.SendOutcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Tally's broker tells about half messages that nobody decides. */
class HalfSearchTest {

    private static final int SECONDS = 90;

    @TempDir
    private Path directory;

    private Broker broker;
    private RocketMqTransport transport;

    private void start(Duration checkImmunity) {
        broker = Broker.start(BrokerConfig.builder(directory)
                .checkImmunity(checkImmunity)
                .checkInterval(Duration.ofMillis(500))
                .maxChecks(1)
                .build());
        transport = transport("seekers");
        transport.onCheckBack((transactionId, messageId) -> CheckBackAnswer.UNKNOWN);
    }

    private RocketMqTransport transport(String group) {
        return new RocketMqTransport(RocketMqSettings.builder(broker.address(), group, group + "-1")
                .sendTimeout(Duration.ofSeconds(SECONDS))
                .build());
    }

    @AfterEach
    void stop() {
        transport.close();
        broker.close();
    }

    private CompletableFuture<List<PreparedHalf>> prepare(RocketMqTransport by, String transactionId, String... ids) {
        List<Message> messages = new ArrayList<>();
        for (String id : ids) {
            messages.add(new Message(
                    new MessageId(id), Destination.topic("found"), "k", "text", Headers.empty(), new byte[] {1}));
        }
        return by.prepare(transactionId, messages);
    }

    /** The client's first requests have a limit of their own, which a loaded machine can reach. */
    private void acquaint(RocketMqTransport with) {
        Message hello = new Message(
                new MessageId("hello"), Destination.topic("found"), "k", "text", Headers.empty(), new byte[] {1});
        await().atMost(Duration.ofSeconds(SECONDS))
                .until(() -> with.send(List.of(hello)).get(0).get() instanceof SendOutcome.Sent);
    }

    private static List<String> ids(List<OpenHalf> halves) {
        return halves.stream().map(half -> half.messageId().value()).toList();
    }

    @Test
    void findsATransactionBehindThousandsOfOthers() throws Exception {
        start(Duration.ofHours(1));
        acquaint(transport);
        // More than one request looks at, twice; of so many at once the client may lose some.
        for (int round = 0; broker.stats().undecided() < 10_100; round++) {
            List<CompletableFuture<List<PreparedHalf>>> pending = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                String name = round + "-" + i;
                pending.add(prepare(transport, "tx-" + name, "m-" + name));
            }
            for (CompletableFuture<List<PreparedHalf>> each : pending) {
                each.handle((halves, failure) -> failure == null).get(SECONDS, TimeUnit.SECONDS);
            }
        }
        prepare(transport, "wanted", "w-1", "w-2").get(SECONDS, TimeUnit.SECONDS);

        List<OpenHalf> found = transport.undecidedOf("wanted");

        assertThat(ids(found)).containsExactlyInAnyOrder("w-1", "w-2");
        assertThat(found).allSatisfy(half -> {
            assertThat(half.transactionId()).isEqualTo("wanted");
            assertThat(half.topic()).isEqualTo("found");
            assertThat(half.key()).isEqualTo("k");
            assertThat(half.parked()).isFalse();
        });
        OpenHalf oldest = transport.undecided(1).halves().get(0);
        assertThat(ids(transport.undecidedOf(oldest.transactionId())))
                .containsExactly(oldest.messageId().value());
        assertThat(transport.undecidedOf("nobody's")).isEmpty();
        assertThat(transport
                        .rollback(found.stream().map(OpenHalf::half).toList())
                        .get(SECONDS, TimeUnit.SECONDS))
                .isTrue();
        assertThat(transport.undecidedOf("wanted")).isEmpty();
    }

    @Test
    void tellsOfItsOwnGroupOnly() throws Exception {
        start(Duration.ofHours(1));
        acquaint(transport);
        prepare(transport, "ours", "m-1").get(SECONDS, TimeUnit.SECONDS);
        try (RocketMqTransport stranger = transport("strangers")) {
            acquaint(stranger);
            prepare(stranger, "theirs", "m-2").get(SECONDS, TimeUnit.SECONDS);

            HalfMessageList list = transport.undecided(10);

            assertThat(list.complete()).isTrue();
            assertThat(ids(list.halves())).containsExactly("m-1");
            assertThat(transport.undecidedOf("theirs")).isEmpty();
            assertThat(ids(stranger.undecidedOf("theirs"))).containsExactly("m-2");
        }
    }

    @Test
    void decidesWhatAnotherProcessHasPreparedAtATopicThatThisOneDoesNotKnow() throws Exception {
        start(Duration.ofHours(1));
        try (RocketMqTransport gone =
                new RocketMqTransport(RocketMqSettings.builder(broker.address(), "seekers", "seekers-2")
                        .sendTimeout(Duration.ofSeconds(SECONDS))
                        .build())) {
            acquaint(gone);
            prepare(gone, "left-behind", "m-1").get(SECONDS, TimeUnit.SECONDS);
        }

        List<PreparedHalf> halves = transport.undecidedOf("left-behind").stream()
                .map(OpenHalf::half)
                .toList();

        assertThat(halves).hasSize(1);
        assertThat(transport.commit(halves).get(SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void countsAndFindsWhatIsParkedAndDecidesIt() throws Exception {
        start(Duration.ofSeconds(1));
        acquaint(transport);
        long visible = broker.stats().messages();
        prepare(transport, "given-up", "m-1").get(SECONDS, TimeUnit.SECONDS);

        await().atMost(Duration.ofSeconds(SECONDS)).until(() -> transport.parked() == 1);

        List<OpenHalf> found = transport.undecidedOf("given-up");
        assertThat(ids(found)).containsExactly("m-1");
        assertThat(found.get(0).parked()).isTrue();
        assertThat(found.get(0).checks()).isPositive();
        assertThat(transport.commit(found.stream().map(OpenHalf::half).toList()).get(SECONDS, TimeUnit.SECONDS))
                .isTrue();
        assertThat(transport.parked()).isZero();
        assertThat(broker.stats().messages()).isEqualTo(visible + 1);
    }

    @Test
    void saysWhoCannotBeAsked() {
        start(Duration.ofHours(1));
        broker.close();

        assertThatThrownBy(() -> transport.undecided(1)).isInstanceOf(HalfMessagesUnavailableException.class);
        assertThatThrownBy(() -> transport.undecidedOf("t"))
                .isInstanceOf(HalfMessagesUnavailableException.class)
                .hasMessageContaining("seekers")
                .hasMessageContaining("name server");
        assertThatThrownBy(transport::parked).isInstanceOf(HalfMessagesUnavailableException.class);
    }
}
