package dev.tally.boot.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.boot.actuate.EndpointClient.Answer;
import dev.tally.broker.Broker;
import dev.tally.half.CheckBackAnswer;
import dev.tally.half.PreparedHalf;
import dev.tally.half.TransactionLedger;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.rocketmq.RocketMqSettings;
import dev.tally.transport.rocketmq.RocketMqTransport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The endpoint over HTTP, with half messages of a producer of the same group that prepares and never decides. The broker
 * asks nobody within the time of a test.
 */
@SpringBootTest(
        classes = {EndpointApplication.class, EndpointBroker.class},
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "server.address=127.0.0.1",
            "management.endpoints.web.exposure.include=tallytransactions",
            "tally.half-message.decide-by-hand=true",
            "tally.rocketmq.producer-group=deciders",
            "tally.rocketmq.close-timeout=1s",
            // On a loaded machine, too.
            "tally.rocketmq.send-timeout=60s",
            "tally.half-message.prepare-timeout=60s",
            "test.check-immunity=1h"
        })
class TallyTransactionsEndpointTest {

    private static final int SECONDS = 90;

    @TempDir
    static Path directory;

    @LocalServerPort
    private int port;

    @Autowired
    private Broker broker;

    @Autowired
    private TransactionLedger ledger;

    @Autowired
    private PlatformTransactionManager transactions;

    @Autowired
    private JdbcTemplate jdbc;

    private static final List<String> visible = new CopyOnWriteArrayList<>();
    private static RocketMqTransport abandoned;
    private EndpointClient endpoint;

    @DynamicPropertySource
    static void properties(DynamicPropertyRegistry registry) {
        registry.add("spring.datasource.url", () -> "jdbc:h2:mem:endpoint;DB_CLOSE_DELAY=-1");
        registry.add(
                "tally.broker.data-directory", () -> directory.resolve("broker").toString());
    }

    @BeforeEach
    void open() {
        endpoint = new EndpointClient(port);
        if (abandoned != null) {
            return;
        }
        abandoned = new RocketMqTransport(RocketMqSettings.builder(broker.address(), "deciders", "abandoned")
                .sendTimeout(Duration.ofSeconds(SECONDS))
                .build());
        abandoned.subscribe(new Subscription("decided", "watchers", "*", 1, true, 3), batch -> {
            batch.forEach(each -> visible.add(each.message().id().value()));
            return batch.stream()
                    .<DeliveryOutcome>map(each -> new DeliveryOutcome.Delivered())
                    .toList();
        });
    }

    @AfterAll
    static void close() {
        if (abandoned != null) {
            abandoned.close();
        }
    }

    private String newTransaction(boolean committed, String... messages) {
        String id = UUID.randomUUID().toString();
        prepare(id, messages).join();
        if (committed) {
            inTransaction(() -> ledger.recordCommitted(id));
        }
        return id;
    }

    private CompletableFuture<List<PreparedHalf>> prepare(String id, String... messages) {
        List<Message> halves = new ArrayList<>();
        for (String message : messages) {
            halves.add(new Message(
                    new MessageId(message), Destination.topic("decided"), "k", "text", Headers.empty(), new byte[] {1
                    }));
        }
        return abandoned.prepare(id, halves).orTimeout(SECONDS, TimeUnit.SECONDS);
    }

    private void inTransaction(Runnable work) {
        new TransactionTemplate(transactions).executeWithoutResult(status -> work.run());
    }

    private static String message() {
        return UUID.randomUUID().toString();
    }

    private static Map<String, Object> decision(String decision) {
        return Map.of("decision", decision, "actor", "ada", "reason", "its service is gone");
    }

    private List<Map<String, Object>> audit(String subject) {
        return jdbc.queryForList(
                "SELECT actor, action, reason, detail FROM tally_audit WHERE subject = ? ORDER BY done_at, action",
                subject);
    }

    private void awaitVisible(String message) {
        await().atMost(Duration.ofSeconds(SECONDS)).until(() -> visible.contains(message));
    }

    /** All messages have one key, so what became visible before the marker has arrived before it. */
    private void assertNeverVisible(String message) {
        String marker = message();
        endpoint.post(newTransaction(true, marker), decision("commit"));
        awaitVisible(marker);
        assertThat(visible).doesNotContain(message);
    }

    @Test
    void listsWhatNobodyHasDecided() {
        String message = message();
        String transaction = newTransaction(true, message);

        Answer all = endpoint.get("?max=1000");
        Answer one = endpoint.get("/" + transaction);

        assertThat(all.status()).isEqualTo(200);
        assertThat(all.body().path("brokersTell").asString()).isEqualTo("undecided and parked");
        assertThat(all.halves())
                .filteredOn(half -> half.path("transactionId").asString().equals(transaction))
                .singleElement()
                .satisfies(half -> {
                    assertThat(half.path("messageId").asString()).isEqualTo(message);
                    assertThat(half.path("topic").asString()).isEqualTo("decided");
                    assertThat(half.path("key").asString()).isEqualTo("k");
                    assertThat(half.path("state").asString()).isEqualTo("UNDECIDED");
                    assertThat(half.path("checks").asInt()).isZero();
                    assertThat(half.path("knownBy").asString()).isEqualTo("broker");
                    assertThat(half.path("preparedAt").asString()).isNotBlank();
                });
        assertThat(one.halves()).hasSize(1);
        assertThat(endpoint.get("/nobody").status()).isEqualTo(404);
        assertThat(endpoint.get("?max=0").halves()).hasSizeLessThanOrEqualTo(2);
        assertThat(endpoint.get("?max=many").status()).isEqualTo(400);
    }

    @Test
    void commitsAndSaysWhoAndWhy() {
        String first = message();
        String second = message();
        String transaction = newTransaction(true, first, second);

        Answer answer = endpoint.post(transaction, decision("commit"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().path("messages").asInt()).isEqualTo(2);
        assertThat(answer.body().path("ledger").asString()).isEqualTo("COMMIT");
        assertThat(answer.body().path("outcome").asString()).isEqualTo("CONFIRMED");
        awaitVisible(first);
        awaitVisible(second);
        assertThat(audit(transaction)).hasSize(2).allSatisfy(row -> {
            assertThat(row.get("ACTOR")).isEqualTo("ada");
            assertThat(row.get("REASON")).isEqualTo("its service is gone");
        });
        assertThat(audit(transaction).toString())
                .contains("decision=COMMIT ledger=COMMIT forced=false")
                .contains(first)
                .contains("outcome=CONFIRMED");
        assertThat(endpoint.get("/" + transaction).status()).isEqualTo(404);
    }

    @Test
    void rollsBackWhatTheLedgerHasNoRowOf() {
        String message = message();
        String transaction = newTransaction(false, message);

        Answer answer = endpoint.post(transaction, decision("rollback"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().path("ledger").asString()).isEqualTo("ROLLBACK");
        assertNeverVisible(message);
        assertThat(ledger.resolve(transaction)).isEqualTo(CheckBackAnswer.ROLLBACK);
    }

    @Test
    void refusesToDecideAgainstTheLedgerUnlessForced() {
        String message = message();
        String transaction = newTransaction(false, message);

        Answer refused = endpoint.post(transaction, decision("commit"));

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.error()).contains("the ledger knows it as ROLLBACK").contains("nothing was decided");
        assertThat(audit(transaction)).isEmpty();
        assertThat(endpoint.get("/" + transaction).status()).isEqualTo(200);

        Answer forced = endpoint.post(
                transaction,
                Map.of("decision", "commit", "actor", "ada", "reason", "the row was deleted by hand", "force", true));

        assertThat(forced.status()).isEqualTo(200);
        awaitVisible(message);
        assertThat(audit(transaction).toString()).contains("decision=COMMIT ledger=ROLLBACK forced=true");
        assertThat(ledger.resolve(transaction))
                .as("what every check-back is told from now on")
                .isEqualTo(CheckBackAnswer.COMMIT);
    }

    @Test
    void leavesATransactionAloneThatStillRuns() {
        String message = message();
        String transaction = newTransaction(false, message);

        inTransaction(() -> {
            ledger.recordCommitted(transaction);
            Answer refused = CompletableFuture.supplyAsync(() -> endpoint.post(
                            transaction,
                            Map.of("decision", "rollback", "actor", "ada", "reason", "impatient", "force", true)))
                    .join();
            assertThat(refused.status()).isEqualTo(409);
            assertThat(refused.error()).contains("still runs");
        });

        assertThat(audit(transaction)).isEmpty();
        assertThat(endpoint.post(transaction, decision("commit")).status()).isEqualTo(200);
        awaitVisible(message);
    }

    @Test
    void aSecondDecisionFindsNothingUndecidedAndTheFirstStands() {
        String message = message();
        String transaction = newTransaction(true, message);
        assertThat(endpoint.post(transaction, decision("commit")).status()).isEqualTo(200);

        Answer again = endpoint.post(transaction, decision("commit"));
        Answer opposite = endpoint.post(
                transaction, Map.of("decision", "rollback", "actor", "ada", "reason", "regret", "force", true));

        assertThat(again.status()).isEqualTo(404);
        assertThat(opposite.status()).isEqualTo(404);
        assertThat(opposite.error()).contains("no broker has any of them undecided");
        assertThat(ledger.resolve(transaction)).isEqualTo(CheckBackAnswer.COMMIT);
        assertThat(audit(transaction)).hasSize(2);
    }

    @Test
    void refusesWithoutReasonActorOrDecision() {
        String message = message();
        String transaction = newTransaction(true, message);

        Answer noReason = endpoint.post(transaction, Map.of("decision", "commit", "actor", "ada"));
        Answer noActor = endpoint.post(transaction, Map.of("decision", "commit", "reason", "because"));
        Answer noDecision = endpoint.post(transaction, Map.of("actor", "ada", "reason", "because"));
        Answer otherDecision =
                endpoint.post(transaction, Map.of("decision", "maybe", "actor", "ada", "reason", "because"));

        assertThat(noReason.status()).isEqualTo(400);
        assertThat(noReason.error()).contains("the reason");
        assertThat(noActor.status()).isEqualTo(400);
        assertThat(noActor.error()).contains("who does it");
        assertThat(noDecision.status()).isEqualTo(400);
        assertThat(noDecision.error()).contains("commit and rollback are possible");
        assertThat(otherDecision.status()).isEqualTo(400);
        assertThat(audit(transaction)).isEmpty();
        assertThat(endpoint.get("/" + transaction).status()).isEqualTo(200);
    }

    @Test
    void theActorIsTheAuthenticatedUserWhateverTheRequestSays() {
        String transaction = newTransaction(true, message());

        Answer answer = endpoint.postAs("grace", "hopper", transaction, decision("commit"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(audit(transaction)).isNotEmpty().allSatisfy(row -> assertThat(row.get("ACTOR"))
                .isEqualTo("grace"));
    }

    @Test
    void findsOneBehindMoreThanAThousandOthers() {
        List<CompletableFuture<List<PreparedHalf>>> others = new ArrayList<>();
        for (int i = 0; i < 1_100; i++) {
            others.add(prepare("other-" + i, message()));
        }
        List<PreparedHalf> othersHalves =
                others.stream().flatMap(other -> other.join().stream()).toList();
        String message = message();
        String transaction = newTransaction(true, message);

        assertThat(endpoint.get("?max=1000").halves())
                .noneMatch(half -> half.path("transactionId").asString().equals(transaction));
        assertThat(endpoint.post(transaction, decision("commit")).status()).isEqualTo(200);
        awaitVisible(message);
        assertThat(abandoned.rollback(othersHalves).join()).isTrue();
    }
}
