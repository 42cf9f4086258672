package dev.tally.transport.rocketmq.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.tally.half.CheckBackAnswer;
import dev.tally.half.HalfMessagesUnavailableException;
import dev.tally.jdbc.Dialect;
import dev.tally.testkit.TestDatabase;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.rocketmq.crash.Script.Turn;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.NestedRuntimeException;
import org.springframework.jdbc.core.JdbcTemplate;

/** A service, a broker that asks, and a database, each step at its time: nothing is killed here, and nothing is left to chance. */
abstract class HalfMessageScenarios {

    private static final AtomicInteger TOPICS = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private TestDatabase database;
    private String topic;
    private LocalService service;

    abstract String nameServer();

    abstract TestDatabase createDatabase();

    /** Creates a topic where the broker does not with the first message. */
    void createTopic(String name) {}

    @BeforeEach
    void begin() {
        database = createDatabase();
        JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
        Books.schema().forEach(jdbc::execute);
        topic = "scenario-" + getClass().getSimpleName() + '-' + TOPICS.incrementAndGet();
        createTopic(topic);
        service = start("first", true).consume();
    }

    private LocalService start(String name, boolean fallsBack) {
        return new LocalService(nameServer(), topic + '-' + name, topic, database, fallsBack);
    }

    @AfterEach
    void end() {
        service.close();
        database.close();
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(PATIENCE).untilAsserted(assertion);
    }

    /** Messages that are visible later than the ones in question: when they are here, those would be. */
    private void publishMarkersAndAwaitThem() {
        service.run(Script.plain("marker", 6));
        eventually(() -> assertThat(service.deliveries())
                .contains("marker/0", "marker/1", "marker/2", "marker/3", "marker/4", "marker/5"));
    }

    private List<String> delivered(String transaction) {
        return service.deliveries().stream()
                .filter(each -> each.startsWith(transaction + '/'))
                .sorted()
                .toList();
    }

    @Scenario("messaging-15")
    @Test
    void aTransactionThatCommitsAfterACheckBackIsVisible() {
        service.run(Script.plain("open", 2).with(Turn.DECISION_LOST), () -> {
            eventually(() -> assertThat(service.answers()).contains(CheckBackAnswer.UNKNOWN));
            assertThat(delivered("open")).isEmpty();
        });

        eventually(() -> assertThat(delivered("open")).contains("open/0", "open/1"));
        assertThat(service.answers()).doesNotContain(CheckBackAnswer.ROLLBACK);
    }

    @Scenario("messaging-15")
    @Test
    void aTransactionThatRollsBackAfterACheckBackIsGone() {
        assertThatThrownBy(() -> service.run(
                        Script.plain("open", 2).with(Turn.DECISION_LOST, Turn.ROLLS_BACK),
                        () -> eventually(() -> assertThat(service.answers()).contains(CheckBackAnswer.UNKNOWN))))
                .hasMessage("rolled back by the script");

        eventually(() -> assertThat(Collections.frequency(service.answers(), CheckBackAnswer.ROLLBACK))
                .isGreaterThanOrEqualTo(2));
        publishMarkersAndAwaitThem();
        assertThat(delivered("open")).isEmpty();
        assertThat(service.answers()).doesNotContain(CheckBackAnswer.COMMIT);
        assertThat(service.business()).containsExactly("marker");
    }

    @Scenario("messaging-2")
    @Test
    void aCommitWhoseAnswerGotLostWithTheConnectionIsDecidedByTheRow() {
        assumeThatConnectionsBreak();
        CompletableFuture<Void> unknown = CompletableFuture.runAsync(
                () -> service.run(Script.stopping("unknown", CrashPoint.COMMIT_UNANSWERED, 2)));
        service.awaitStopAndGoOn();

        assertThatThrownBy(unknown::join).hasCauseInstanceOf(NestedRuntimeException.class);
        assertThat(service.business()).containsExactly("unknown");
        eventually(() -> assertThat(delivered("unknown")).contains("unknown/0", "unknown/1"));
        assertThat(service.answers()).doesNotContain(CheckBackAnswer.ROLLBACK);
    }

    @Scenario("messaging-2")
    @Test
    void aCommitThatGotLostWithTheConnectionIsDecidedByTheRow() {
        assumeThatConnectionsBreak();
        assertThatThrownBy(() -> service.run(Script.plain("unknown", 2), service::breakConnection))
                .isInstanceOf(NestedRuntimeException.class);

        eventually(() -> assertThat(Collections.frequency(service.answers(), CheckBackAnswer.ROLLBACK))
                .isGreaterThanOrEqualTo(2));
        publishMarkersAndAwaitThem();
        assertThat(service.business()).containsExactly("marker");
        assertThat(delivered("unknown")).isEmpty();
    }

    private void assumeThatConnectionsBreak() {
        assumeThat(database.dialect())
                .as("H2 in this process loses no connection, and its check constraints die with one")
                .isNotEqualTo(Dialect.H2);
    }

    @Scenario("messaging-16")
    @Test
    void aSlowTransactionThatACheckBackHasFencedFailsAndIsRolledBack() {
        assumeThatConnectionsBreak();
        assertThatThrownBy(() -> service.run(Script.plain("slow", 2), () -> {
                    service.breakConnection();
                    eventually(() -> assertThat(Collections.frequency(service.answers(), CheckBackAnswer.ROLLBACK))
                            .isGreaterThanOrEqualTo(2));
                }))
                .isInstanceOf(NestedRuntimeException.class);

        publishMarkersAndAwaitThem();
        assertThat(service.business()).containsExactly("marker");
        assertThat(delivered("slow")).isEmpty();
    }

    @Scenario("messaging-18")
    @Test
    void messagesWhoseAnswerGotLostLeaveOnceThroughTheOutbox() {
        service.run(Script.plain("lost", 3).with(Turn.ANSWER_LOST));

        eventually(() -> {
            assertThat(Collections.frequency(service.answers(), CheckBackAnswer.ROLLBACK))
                    .isGreaterThanOrEqualTo(3);
            assertThat(service.outboxRows()).isZero();
        });
        publishMarkersAndAwaitThem();
        assertThat(delivered("lost")).containsExactly("lost/0", "lost/1", "lost/2");
        assertThat(service.answers()).doesNotContain(CheckBackAnswer.COMMIT);
    }

    @Scenario("messaging-18")
    @Test
    void messagesThatTheBrokerRefusesLeaveOnceThroughTheOutbox() {
        service.run(Script.plain("refused", 3).with(Turn.REFUSED));

        eventually(() -> assertThat(service.outboxRows()).isZero());
        publishMarkersAndAwaitThem();
        assertThat(delivered("refused")).containsExactly("refused/0", "refused/1", "refused/2");
    }

    @Scenario("messaging-18")
    @Test
    void neitherWayIsTakenWhereTheTransactionFailsForWantOfAFallback() {
        try (LocalService strict = start("strict", false)) {
            assertThatThrownBy(() -> strict.run(Script.plain("strict", 2).with(Turn.ANSWER_LOST)))
                    .isInstanceOf(HalfMessagesUnavailableException.class);

            eventually(() -> assertThat(Collections.frequency(strict.answers(), CheckBackAnswer.ROLLBACK)
                            + Collections.frequency(service.answers(), CheckBackAnswer.ROLLBACK))
                    .isGreaterThanOrEqualTo(2));
        }
        publishMarkersAndAwaitThem();
        assertThat(delivered("strict")).isEmpty();
        assertThat(service.business()).containsExactly("marker");
        assertThat(service.outboxRows()).isZero();
    }

    @Scenario("messaging-14")
    @Test
    void anotherInstanceAnswersForOneThatIsGone() {
        try (LocalService gone = start("gone", true)) {
            gone.run(Script.plain("committed", 2).with(Turn.DECISION_LOST));
            assertThatThrownBy(() -> gone.run(Script.plain("rolled-back", 2).with(Turn.DECISION_LOST, Turn.ROLLS_BACK)))
                    .hasMessage("rolled back by the script");
        }

        eventually(() -> assertThat(delivered("committed")).containsOnly("committed/0", "committed/1"));
        publishMarkersAndAwaitThem();
        assertThat(delivered("rolled-back")).isEmpty();
    }

    LocalService service() {
        return service;
    }

    String topic() {
        return topic;
    }
}
