package dev.tally.half;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.audit.JdbcAuditLog;
import dev.tally.half.HandDecisionRefusedException.Found;
import dev.tally.half.HandDecisions.Fate;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testing.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
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
        decisions = decisions(ledger);
    }

    private HandDecisions decisions(TransactionLedger known) {
        return new HandDecisions(
                broker,
                broker,
                known,
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
        return database.jdbc()
                .queryForList("SELECT actor, action, subject, reason, detail FROM tally_audit ORDER BY audit_id");
    }

    @Test
    void decidesAsTheLedgerKnowsAndKeepsWhoAndWhy() {
        prepare("t1", true);

        HandDecisions.Outcome outcome = decisions.decide("t1", true, false, "ada", "its broker was restored");

        assertThat(outcome).isEqualTo(new HandDecisions.Outcome(1, CheckBackAnswer.COMMIT, Fate.CONFIRMED));
        assertThat(broker.visible()).containsExactly("m-t1");
        assertThat(audit()).hasSize(2).allSatisfy(row -> {
            assertThat(row.get("ACTOR")).isEqualTo("ada");
            assertThat(row.get("SUBJECT")).isEqualTo("t1");
            assertThat(row.get("REASON")).isEqualTo("its broker was restored");
        });
        assertThat(audit().get(0).get("DETAIL").toString())
                .contains("decision=COMMIT ledger=COMMIT forced=false")
                .contains("m-t1");
        assertThat(audit().get(1).get("DETAIL")).isEqualTo("decision=COMMIT outcome=CONFIRMED");
    }

    @Test
    void fencesATransactionWithoutARowAndRollsItBack() {
        prepare("t1", false);

        HandDecisions.Outcome outcome = decisions.decide("t1", false, false, "ada", "its service is gone");

        assertThat(outcome).isEqualTo(new HandDecisions.Outcome(1, CheckBackAnswer.ROLLBACK, Fate.CONFIRMED));
        assertThat(broker.gone()).containsExactly("m-t1");
        assertThat(ledger.resolve("t1")).isEqualTo(CheckBackAnswer.ROLLBACK);
    }

    @Test
    void refusesToDecideAgainstTheLedgerUnlessForced() {
        prepare("t1", true);

        refused(Found.LEDGER_KNOWS_OTHERWISE, () -> decisions.decide("t1", false, false, "ada", "why not"))
                .hasMessageContaining("the ledger knows it as COMMIT")
                .hasMessageContaining("nothing was decided");
        assertThat(audit()).isEmpty();
        assertThat(broker.undecided()).isEqualTo(1);

        broker.losesDecisions = true;
        HandDecisions.Outcome outcome = decisions.decide("t1", false, true, "ada", "sent by mail instead");

        assertThat(outcome.fate()).isEqualTo(Fate.LEFT_TO_CHECK_BACK);
        assertThat(audit().get(1).get("DETAIL")).isEqualTo("decision=ROLLBACK outcome=LEFT_TO_CHECK_BACK");
        broker.losesDecisions = false;
        broker.ask();
        assertThat(broker.gone()).as("the check-back gets the same answer").containsExactly("m-t1");
    }

    @Test
    void refusesWhatIsNotThereAndWhatHasNoNameOrReason() {
        prepare("t1", true);

        refused(Found.NOTHING_UNDECIDED, () -> decisions.decide("t2", true, true, "ada", "because"))
                .hasMessageContaining("no broker has any of them");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> decisions.decide("t1", true, false, " ", "because"))
                .withMessageContaining("who does it");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> decisions.decide("t1", true, false, "ada", ""))
                .withMessageContaining("the reason");
        assertThat(audit()).isEmpty();
        assertThat(broker.undecided()).isEqualTo(1);
    }

    @Test
    void aRepeatedDecisionIsRefusedAndTheFirstStands() {
        prepare("t1", true);
        decisions.decide("t1", true, false, "ada", "first");

        refused(Found.NOTHING_UNDECIDED, () -> decisions.decide("t1", true, false, "ada", "again"));
        refused(Found.NOTHING_UNDECIDED, () -> decisions.decide("t1", false, true, "bob", "against it"));

        assertThat(broker.visible()).containsExactly("m-t1");
        assertThat(ledger.resolve("t1")).isEqualTo(CheckBackAnswer.COMMIT);
        assertThat(audit()).hasSize(2);
    }

    @Test
    void aDecisionOfSomebodyElseAtTheSameTimeComesFirst() {
        prepare("t1", true);
        // Between what this one found and what it writes, another one is complete.
        TransactionLedger overtaken =
                new OvertakenLedger(ledger, () -> decisions.decide("t1", false, true, "bob", "faster"));
        HandDecisions slow = decisions(overtaken);

        refused(Found.CHANGED_MEANWHILE, () -> slow.decide("t1", true, false, "ada", "slower"))
                .hasMessageContaining("somebody else decides it");

        assertThat(broker.gone()).containsExactly("m-t1");
        assertThat(audit()).hasSize(2).allSatisfy(row -> assertThat(row.get("ACTOR"))
                .isEqualTo("bob"));
    }

    @Test
    void saysSoWhenTheBrokerHasTheOppositeFromSomebodyFaster() {
        prepare("t1", true);
        broker.afterLook = () -> {
            broker.afterLook = () -> {};
            broker.ask();
        };

        HandDecisions.Outcome outcome = decisions.decide("t1", false, true, "ada", "too late");

        assertThat(outcome.fate()).isEqualTo(Fate.DECIDED_MEANWHILE);
        assertThat(broker.visible()).containsExactly("m-t1");
        assertThat(audit().get(1).get("DETAIL")).isEqualTo("decision=ROLLBACK outcome=DECIDED_MEANWHILE");
    }

    @Test
    void leavesATransactionAloneThatStillRuns() {
        prepare("t1", false);

        database.transaction().executeWithoutResult(status -> {
            ledger.recordCommitted("t1");
            CompletableFuture.runAsync(() -> refused(
                                    Found.STILL_RUNNING, () -> decisions.decide("t1", false, true, "ada", "impatient"))
                            .hasMessageContaining("it still runs"))
                    .join();
        });

        assertThat(audit()).isEmpty();
        assertThat(broker.undecided()).isEqualTo(1);
        assertThat(ledger.resolve("t1")).isEqualTo(CheckBackAnswer.COMMIT);
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> refused(Found found, ThrowingCallable decision) {
        return assertThatThrownBy(decision)
                .isInstanceOfSatisfying(HandDecisionRefusedException.class, refusal -> assertThat(refusal.found())
                        .isEqualTo(found));
    }
}
