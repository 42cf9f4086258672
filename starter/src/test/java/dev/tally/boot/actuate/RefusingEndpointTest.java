package dev.tally.boot.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.boot.NoLedger;
import dev.tally.boot.actuate.EndpointClient.Answer;
import dev.tally.half.CheckBack;
import dev.tally.half.HalfMessageBreaker;
import dev.tally.half.HalfMessageInspection;
import dev.tally.half.HalfMessageList;
import dev.tally.half.HalfMessageListener;
import dev.tally.half.HalfMessagePath;
import dev.tally.half.HalfMessages;
import dev.tally.half.OpenHalf;
import dev.tally.half.PreparedHalf;
import dev.tally.half.SettledTransactions;
import dev.tally.half.TransactionLedger;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.publish.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** What the endpoint says where nothing may or can be decided, and where the broker keeps no list. */
class RefusingEndpointTest {

    private static final Map<String, Object> COMMIT =
            Map.of("decision", "commit", "actor", "ada", "reason", "its service is gone");

    private static ConfigurableApplicationContext withoutABroker(boolean decideByHand) {
        return new SpringApplicationBuilder(EndpointApplication.class)
                .run(
                        "--server.address=127.0.0.1",
                        "--server.port=0",
                        "--spring.datasource.generate-unique-name=true",
                        "--management.endpoints.web.exposure.include=tallytransactions",
                        "--rocketmq.name-server=127.0.0.1:1",
                        "--tally.rocketmq.send-timeout=500ms",
                        "--tally.half-message.decide-by-hand=" + decideByHand);
    }

    private static EndpointClient endpointOf(ConfigurableApplicationContext application) {
        return new EndpointClient(
                ((WebServerApplicationContext) application).getWebServer().getPort());
    }

    @Test
    void refusesDecisionsWhereTheyAreNotAllowed() {
        try (ConfigurableApplicationContext application = withoutABroker(false)) {
            Answer answer = endpointOf(application).post("t", COMMIT);

            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.error()).contains("tally.half-message.decide-by-hand=true");
        }
    }

    @Test
    void saysThatTheBrokerCannotBeReachedAndDecidesNothing() {
        try (ConfigurableApplicationContext application = withoutABroker(true)) {
            EndpointClient endpoint = endpointOf(application);

            Answer list = endpoint.get("");
            Answer one = endpoint.get("/t");
            Answer decision = endpoint.post("t", COMMIT);

            assertThat(list.status()).isEqualTo(503);
            assertThat(list.error()).contains("Cannot list the undecided half messages");
            assertThat(list.halves()).isEmpty();
            assertThat(one.status()).isEqualTo(503);
            assertThat(decision.status()).isEqualTo(503);
            assertThat(decision.error())
                    .contains("Cannot look for undecided half messages")
                    .contains("name server");
            assertThat(application
                            .getBean(JdbcTemplate.class)
                            .queryForObject("SELECT count(*) FROM tally_audit", Integer.class))
                    .isZero();
        }
    }

    @Test
    void showsWhatThisProcessKnowsWhereTheBrokerTellsOnlyWhatItHasParked() {
        OpenHalf parked = new OpenHalf(
                new MessageId("m-parked"),
                "t-parked",
                "orders",
                null,
                true,
                Instant.EPOCH,
                15,
                () -> new MessageId("x"));
        HalfMessagePath path = path("t-open");
        HalfMessagePath ofBilling = path("billing~t-open");
        TallyTransactionsEndpoint endpoint =
                new TallyTransactionsEndpoint(new OnlyParked(parked), List.of(path, ofBilling), null);
        Settlement open = path.prepare(List.of(message("m-open")));
        Settlement openBill = ofBilling.prepare(List.of(message("m-bill")));

        assertThat(body(endpoint))
                .contains("brokersTell=parked")
                .contains("messageId=m-parked", "state=PARKED", "knownBy=broker")
                .contains("messageId=m-open", "state=UNDECIDED", "knownBy=process")
                .contains("transactionId=billing~t-open, messageId=m-bill");
        assertThat(endpoint.undecidedOf("t-open").getStatus()).isEqualTo(200);
        assertThat(endpoint.undecidedOf("billing~t-open").getStatus()).isEqualTo(200);

        open.committed();
        assertThat(body(endpoint)).doesNotContain("m-open").contains("m-bill");
        openBill.rolledBack();
        assertThat(body(endpoint)).doesNotContain("m-bill");
    }

    private static String body(TallyTransactionsEndpoint endpoint) {
        return String.valueOf(endpoint.undecided(null).getBody());
    }

    private static Message message(String id) {
        return new Message(
                new MessageId(id), Destination.topic("orders"), "k", "text", Headers.empty(), new byte[] {1});
    }

    private static HalfMessagePath path(String transactionId) {
        TransactionLedger ledger = new NoLedger();
        return new HalfMessagePath(
                new ConfirmingBroker(),
                ledger,
                null,
                () -> transactionId,
                Duration.ofSeconds(5),
                new HalfMessageListener() {},
                new SettledTransactions(ledger, () -> Instant.EPOCH),
                HalfMessageBreaker.closed(Duration.ofSeconds(5), () -> Instant.EPOCH),
                () -> Instant.EPOCH);
    }

    private record OnlyParked(OpenHalf parkedHalf) implements HalfMessageInspection {

        @Override
        public HalfMessageList undecided(int max) {
            return new HalfMessageList(List.of(parkedHalf), false);
        }

        @Override
        public List<OpenHalf> undecidedOf(String transactionId) {
            return parkedHalf.transactionId().equals(transactionId) ? List.of(parkedHalf) : List.of();
        }

        @Override
        public long parked() {
            return 1;
        }
    }

    private static final class ConfirmingBroker implements HalfMessages {

        @Override
        public CompletableFuture<List<PreparedHalf>> prepare(String transactionId, List<Message> messages) {
            return CompletableFuture.completedFuture(
                    messages.stream().<PreparedHalf>map(each -> each::id).toList());
        }

        @Override
        public CompletableFuture<Boolean> commit(List<PreparedHalf> halves) {
            return CompletableFuture.completedFuture(true);
        }

        @Override
        public CompletableFuture<Boolean> rollback(List<PreparedHalf> halves) {
            return CompletableFuture.completedFuture(true);
        }

        @Override
        public void onCheckBack(CheckBack checkBack) {}
    }
}
