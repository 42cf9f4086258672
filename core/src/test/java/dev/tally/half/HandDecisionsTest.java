package dev.tally.half;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.tally.audit.JdbcAuditLog;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testing.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HandDecisionsTest {

    private final FakeHalfBroker broker = new FakeHalfBroker();
    private final AtomicInteger ids = new AtomicInteger();
    private TestDatabase database;
    private JdbcTransactionLedger ledger;
    private HandDecisions decisions;

    @BeforeEach
    void open() {
        database = TestDatabase.h2();
        ledger = new JdbcTransactionLedger(database.dataSource(), database.transactions(), database.dialect());
        broker.onCheckBack(new LedgerCheckBack(ledger, new HalfMessageListener() {}));
        decisions = new HandDecisions(
                broker,
                broker,
                ledger,
                new JdbcAuditLog(database.dataSource(), () -> "a" + ids.incrementAndGet()),
                database.transactions(),
                Duration.ofSeconds(5));
    }

    @AfterEach
    void close() {
        database.close();
    }

    private void prepare(String transactionId, boolean committed) {
        Message message = new Message(
                new MessageId("m-" + transactionId), Destination.topic("t"), null, "text", Headers.empty(), new byte[] {
                    1
                });
        broker.prepare(transactionId, List.of(message));
        if (committed) {
            database.transaction().executeWithoutResult(status -> ledger.recordCommitted(transactionId));
        }
    }

    private List<Map<String, Object>> audit() {
        return database.jdbc().queryForList("SELECT actor, action, subject, reason, detail FROM tally_audit");
    }

    @Test
    void decidesAsTheLedgerKnowsAndKeepsWhoAndWhy() {
        prepare("t1", true);

        HandDecisions.Outcome outcome = decisions.decide("t1", true, false, "ada", "its broker was restored");

        assertThat(outcome).isEqualTo(new HandDecisions.Outcome(1, CheckBackAnswer.COMMIT, true));
        assertThat(broker.visible()).containsExactly("m-t1");
        assertThat(audit()).singleElement().satisfies(row -> {
            assertThat(row.get("ACTOR")).isEqualTo("ada");
            assertThat(row.get("SUBJECT")).isEqualTo("t1");
            assertThat(row.get("REASON")).isEqualTo("its broker was restored");
            assertThat(row.get("DETAIL").toString())
                    .contains("decision=COMMIT ledger=COMMIT forced=false")
                    .contains("m-t1");
        });
    }

    @Test
    void refusesToDecideAgainstTheLedgerUnlessForced() {
        prepare("t1", true);

        assertThatIllegalStateException()
                .isThrownBy(() -> decisions.decide("t1", false, false, "ada", "why not"))
                .withMessageContaining("the ledger knows it as COMMIT")
                .withMessageContaining("nothing was done");
        assertThat(audit()).isEmpty();
        assertThat(broker.undecided()).isEqualTo(1);

        broker.losesDecisions = true;
        HandDecisions.Outcome outcome = decisions.decide("t1", false, true, "ada", "sent by mail instead");

        assertThat(outcome.confirmed()).isFalse();
        assertThat(audit()).hasSize(1);
        broker.ask();
        assertThat(broker.gone()).as("the check-back gets the same answer").containsExactly("m-t1");
    }

    @Test
    void refusesWhatIsNotThereAndWhatHasNoNameOrReason() {
        prepare("t1", true);

        assertThatIllegalStateException()
                .isThrownBy(() -> decisions.decide("t2", true, true, "ada", "because"))
                .withMessageContaining("the broker has none of it");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> decisions.decide("t1", true, false, " ", "because"))
                .withMessageContaining("who does it");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> decisions.decide("t1", true, false, "ada", ""))
                .withMessageContaining("the reason");
        assertThat(audit()).isEmpty();
        assertThat(broker.undecided()).isEqualTo(1);
    }
}
