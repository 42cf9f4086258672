package dev.tally.half;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.tally.audit.JdbcAuditLog;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Ids say whose ledger has the answer. */
class LedgerCheckBackTest {

    private static final LedgerName BILLING = LedgerName.of("billing");
    private static final MessageId MESSAGE = new MessageId("m");

    private final TestDatabase database = TestDatabase.h2();
    private final TestDatabase billing = TestDatabase.h2();
    private final JdbcTransactionLedger ledger = ledgerOf(database);
    private final JdbcTransactionLedger billingLedger = ledgerOf(billing);
    private final FakeHalfBroker broker = new FakeHalfBroker();
    private final List<CheckBackAnswer> answers = new ArrayList<>();
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(LedgerCheckBack.class);
    private final LedgerCheckBack checkBack =
            new LedgerCheckBack(Map.of(LedgerName.PRIMARY, ledger, BILLING, billingLedger), new HalfMessageListener() {
                @Override
                public void checkedBack(CheckBackAnswer answer) {
                    answers.add(answer);
                }
            });

    private static JdbcTransactionLedger ledgerOf(TestDatabase database) {
        return new JdbcTransactionLedger(database.dataSource(), database.transactions(), database.dialect());
    }

    @BeforeEach
    void listen() {
        logged.start();
        logger.addAppender(logged);
    }

    @AfterEach
    void close() {
        logger.detachAppender(logged);
        database.close();
        billing.close();
    }

    private List<String> warnings() {
        return logged.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private static List<String> rows(TestDatabase database) {
        return database.jdbc()
                .queryForList(
                        "SELECT transaction_id || ' ' || state FROM tally_transaction ORDER BY transaction_id",
                        String.class);
    }

    @Test
    void asksTheLedgerThatTheIdNamesAndNoOther() {
        database.transaction().executeWithoutResult(status -> ledger.recordCommitted("t1"));
        billing.transaction().executeWithoutResult(status -> billingLedger.recordCommitted("billing~t2"));

        assertThat(checkBack.check("t1", MESSAGE)).isEqualTo(CheckBackAnswer.COMMIT);
        assertThat(checkBack.check("billing~t2", MESSAGE)).isEqualTo(CheckBackAnswer.COMMIT);
        assertThat(checkBack.check("billing~t3", MESSAGE)).isEqualTo(CheckBackAnswer.ROLLBACK);

        assertThat(rows(database)).containsExactly("t1 COMMITTED");
        assertThat(rows(billing)).containsExactly("billing~t2 COMMITTED", "billing~t3 ROLLED_BACK");
        assertThat(answers).containsExactly(CheckBackAnswer.COMMIT, CheckBackAnswer.COMMIT, CheckBackAnswer.ROLLBACK);
    }

    @Test
    void doesNotKnowATransactionOfADataSourceThatIsNotHereAndSaysSoOnce() {
        String forged = "a\nb" + "c".repeat(100) + "~t";
        for (String id : List.of("stock~t1", "stock~t2", forged, "~t3", "~t4")) {
            assertThat(checkBack.check(id, MESSAGE)).as(id).isIn(CheckBackAnswer.UNKNOWN, CheckBackAnswer.ROLLBACK);
        }

        assertThat(answers.subList(0, 3)).containsOnly(CheckBackAnswer.UNKNOWN);
        assertThat(rows(billing)).isEmpty();
        assertThat(warnings()).hasSize(2);
        assertThat(warnings().get(0)).contains("'stock'").contains("[billing, primary]");
        assertThat(warnings().get(1)).contains("'a?bccc").doesNotContain("\n").doesNotContain("c".repeat(30));
    }

    @Test
    void withOneDataSourceDoesNotDecideForOthersEither() {
        LedgerCheckBack single = new LedgerCheckBack(ledger, new HalfMessageListener() {});

        assertThat(single.check("billing~t1", MESSAGE)).isEqualTo(CheckBackAnswer.UNKNOWN);
        assertThat(single.check("t1", MESSAGE)).isEqualTo(CheckBackAnswer.ROLLBACK);
        assertThat(rows(database)).containsExactly("t1 ROLLED_BACK");
    }

    @Test
    void remembersNoMoreThanSomeOfTheNamesThatItDoesNotKnow() {
        for (int i = 0; i < 500; i++) {
            assertThat(checkBack.check("n" + i + "~t", MESSAGE)).isEqualTo(CheckBackAnswer.UNKNOWN);
        }

        assertThat(warnings()).hasSize(100);
    }

    @Test
    void idsFitTheLedgerWithTheLongestNameAndLongerNamesAreRefused() {
        LedgerName longest = LedgerName.of("n".repeat(LedgerName.MAX_LENGTH));
        String id = longest.ids(() -> UUID.randomUUID().toString()).get();

        assertThat(id).hasSize(64);
        assertThat(LedgerName.in(id)).isEqualTo(longest);
        assertThat(LedgerName.PRIMARY.ids(() -> "t").get()).isEqualTo("t");
        for (String illegal : List.of("", "n".repeat(28), "a~b", "a b", "ä", "primary")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> LedgerName.of(illegal))
                    .withMessageContaining("'" + illegal + "'")
                    .withMessageContaining("27");
        }
    }

    @Test
    void aDecisionByHandIsWrittenWhereTheIdSays() {
        HandDecisions decisions =
                decisions(database, ledger, Map.of(BILLING, decisions(billing, billingLedger, Map.of())));
        for (String id : List.of("billing~t1", "stock~t1")) {
            broker.prepare(
                    id,
                    List.of(new Message(
                            new MessageId(id), Destination.topic("t"), null, "text", Headers.empty(), new byte[1])));
        }

        decisions.decide("billing~t1", true, true, "ann", "customer called");
        assertThatExceptionOfType(HandDecisionRefusedException.class)
                .isThrownBy(() -> decisions.decide("stock~t1", false, true, "ann", "customer called"))
                .withMessageContaining("'stock'")
                .withMessageContaining("nothing was done");

        assertThat(broker.visible()).containsExactly("billing~t1");
        assertThat(broker.gone()).isEmpty();
        assertThat(rows(billing)).containsExactly("billing~t1 COMMITTED");
        assertThat(rows(database)).isEmpty();
        assertThat(billing.jdbc().queryForList("SELECT subject FROM tally_audit", String.class))
                .as("what was decided, and what became of it")
                .containsExactly("billing~t1", "billing~t1");
        assertThat(database.jdbc().queryForList("SELECT subject FROM tally_audit", String.class))
                .isEmpty();
    }

    private HandDecisions decisions(
            TestDatabase database, TransactionLedger ledger, Map<LedgerName, HandDecisions> further) {
        return new HandDecisions(
                broker,
                broker,
                ledger,
                new JdbcAuditLog(database.dataSource(), () -> UUID.randomUUID().toString()),
                database.transactions(),
                Duration.ofSeconds(5),
                further);
    }
}
