package dev.tally.half;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.tally.retention.RetentionRound;
import dev.tally.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

class LedgerRetentionTest {

    private static final Duration CONFIGURED = Duration.ofDays(7);
    private static final Duration ALLOWANCE = Duration.ofHours(1);

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(LedgerRetention.class);

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    /** What the broker says, {@code null} where it cannot be asked. */
    private Duration oldest = Duration.ZERO;

    private int questions;

    private final LedgerRetention retention = new LedgerRetention(CONFIGURED, ALLOWANCE, this::horizon, () -> now);

    private Duration horizon() {
        questions++;
        if (oldest == null) {
            throw new HalfMessagesUnavailableException("broker b does not answer");
        }
        return oldest;
    }

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
    }

    private List<String> warnings() {
        return log.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Test
    void isTheConfiguredOneWhereNoQuestionIsOlder() {
        assertThat(retention.age()).contains(CONFIGURED);
        oldest = CONFIGURED.minus(ALLOWANCE);
        assertThat(retention.age()).contains(CONFIGURED);
        assertThat(warnings()).isEmpty();
    }

    @Test
    void isTheOldestQuestionAndTheAllowanceWhereThatIsLongerAndWarnsOnceWithBoth() {
        oldest = Duration.ofDays(9);

        assertThat(retention.check()).isTrue();
        assertThat(retention.age()).contains(Duration.ofDays(9).plus(ALLOWANCE));
        oldest = Duration.ofDays(10);
        assertThat(retention.age()).contains(Duration.ofDays(10).plus(ALLOWANCE));

        assertThat(warnings()).singleElement().satisfies(warning -> assertThat(warning)
                .contains("configured=PT168H")
                .contains("used=PT217H"));

        oldest = Duration.ZERO;
        assertThat(retention.age()).contains(CONFIGURED);
        oldest = Duration.ofDays(9);
        assertThat(retention.age()).isPresent();
        assertThat(warnings()).hasSize(2);
    }

    @Test
    void lookingAheadIsSilentWhileTheBrokerIsDown() {
        oldest = null;
        assertThat(retention.check()).isFalse();
        assertThat(warnings()).isEmpty();
    }

    @Test
    void nothingGoesWhileTheHorizonIsUnknownAndEachRoundSaysOnceForHowLong() {
        List<Duration> purges = new ArrayList<>();
        RetentionRound round = new RetentionRound(
                List.of(new RetentionRound.Table("ledger", retention::age, (age, limit) -> {
                    purges.add(age);
                    return purges.size() < 3 ? limit : 0;
                })),
                10,
                100);
        oldest = null;

        round.run();
        now = now.plus(Duration.ofMinutes(10));
        round.run();

        assertThat(purges).isEmpty();
        assertThat(warnings()).hasSize(2);
        assertThat(warnings().get(0)).contains("unknownFor=PT0S").contains("broker b does not answer");
        assertThat(warnings().get(1)).contains("unknownFor=PT10M");

        oldest = Duration.ofDays(8);
        questions = 0;
        round.run();
        assertThat(purges).hasSize(3).containsOnly(Duration.ofDays(8).plus(ALLOWANCE));
        assertThat(questions).isEqualTo(1);

        oldest = null;
        now = now.plus(Duration.ofHours(1));
        round.run();
        assertThat(warnings()).last().satisfies(warning -> assertThat(warning).contains("unknownFor=PT0S"));
    }

    @Test
    void aCommittedTransactionThatIsStillAskedAboutIsNeverAnsweredWithRollback() {
        try (TestDatabase database = TestDatabase.h2()) {
            TransactionLedger ledger =
                    new JdbcTransactionLedger(database.dataSource(), database.transactions(), database.dialect());
            RetentionRound round = new RetentionRound(
                    List.of(new RetentionRound.Table("ledger", retention::age, ledger::purge)), 10, 10);
            for (String id : List.of("asked about", "forgotten", "young")) {
                database.transaction().executeWithoutResult(status -> ledger.recordCommitted(id));
            }
            backDate(database, "asked about", Duration.ofDays(20));
            backDate(database, "forgotten", Duration.ofDays(21));

            oldest = null;
            round.run();
            oldest = Duration.ofDays(20);
            round.run();

            assertThat(ledger.resolve("asked about")).isEqualTo(CheckBackAnswer.COMMIT);
            assertThat(ledger.resolve("young")).isEqualTo(CheckBackAnswer.COMMIT);
            assertThat(ledger.resolve("forgotten")).isEqualTo(CheckBackAnswer.ROLLBACK);

            oldest = Duration.ZERO;
            round.run();
            assertThat(new JdbcTemplate(database.dataSource())
                            .queryForList("SELECT transaction_id FROM tally_transaction ORDER BY 1", String.class))
                    .containsExactly("forgotten", "young");
        }
    }

    private static void backDate(TestDatabase database, String transactionId, Duration age) {
        new JdbcTemplate(database.dataSource())
                .update(
                        "UPDATE tally_transaction SET created_at = DATEADD(SECOND, ?, CURRENT_TIMESTAMP)"
                                + " WHERE transaction_id = ?",
                        -age.toSeconds(),
                        transactionId);
    }

    @Test
    void refusesTimesThatCannotBe() {
        assertThatThrownBy(() -> new LedgerRetention(Duration.ofDays(-1), ALLOWANCE, this::horizon, () -> now))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
