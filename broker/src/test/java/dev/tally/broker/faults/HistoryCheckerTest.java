package dev.tally.broker.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.faults.History.Fate;
import dev.tally.broker.faults.History.Place;
import dev.tally.broker.faults.HistoryChecker.Anomaly;
import dev.tally.broker.faults.HistoryChecker.Entry;
import dev.tally.broker.faults.HistoryChecker.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every kind of error, made by hand, is found; a clean history is not accused. */
class HistoryCheckerTest {

    private static final Place PLACE = new Place("topic", 0);
    private static final Place OTHER = new Place("topic", 1);

    private final History history = new History();
    private final List<Entry> entries = new ArrayList<>();

    private void sent(String id, long offset) {
        history.attempted(id);
        history.acknowledged(id, "lane", PLACE, offset);
    }

    private void half(String id, Fate fate) {
        history.attempted(id);
        history.halfAcknowledged(id);
        history.decide(id, fate);
    }

    private void there(String id, long offset) {
        entries.add(new Entry(PLACE, offset, id));
    }

    private void assertOnly(Anomaly anomaly, String... facts) {
        Verdict verdict = HistoryChecker.check(history, entries);
        assertThat(verdict.findings()).containsOnlyKeys(anomaly);
        assertThat(verdict.of(anomaly)).singleElement().satisfies(finding -> assertThat(finding)
                .contains(facts));
        assertThat(verdict.counts()).contains(anomaly + "=1 ");
    }

    @Test
    void acceptsACleanHistoryWithUnacknowledgedSendsRedeliveriesAndUndecidedHalves() {
        history.consumes("g", true, "topic");
        sent("a", 0);
        history.attempted("unacknowledged, there");
        history.attempted("unacknowledged, gone");
        half("committed", Fate.COMMITTED);
        half("rolled back", Fate.ROLLED_BACK);
        history.attempted("half without an answer");
        history.decide("half without an answer", Fate.ROLLED_BACK);
        sent("b", 3);
        there("a", 0);
        there("unacknowledged, there", 1);
        there("committed", 2);
        there("b", 3);
        for (long offset : List.of(0, 1, 2, 1, 2, 3)) {
            history.delivered("g", PLACE, offset, entries.get((int) offset).id());
        }
        history.offsetKnown("g", PLACE, 1);
        history.offsetKnown("g", PLACE, 1);
        history.offsetKnown("g", PLACE, 4);

        Verdict verdict = HistoryChecker.check(history, entries);

        assertThat(verdict.findings()).isEmpty();
        assertThat(verdict.redeliveries()).isEqualTo(2);
        assertThat(verdict.counts()).contains("LOST=0 ", "PHANTOM=0 ", "redeliveries=2");
    }

    @Test
    void findsAnAcknowledgedMessageThatIsGone() {
        sent("a", 0);
        assertOnly(Anomaly.LOST, "id=a", "visible is []");
    }

    @Test
    void findsAnAcknowledgedMessageThatStandsElsewhere() {
        sent("a", 0);
        entries.add(new Entry(OTHER, 0, "a"));
        assertOnly(Anomaly.LOST, "id=a", "queueId=1");
    }

    @Test
    void findsACommittedTransactionWithoutItsMessage() {
        half("t", Fate.COMMITTED);
        assertOnly(Anomaly.LOST, "t was prepared");
    }

    @Test
    void findsAMessageThatIsThereTwice() {
        sent("a", 0);
        there("a", 0);
        there("a", 1);
        assertOnly(Anomaly.DUPLICATED, "a is at", "offset=1");
    }

    @Test
    void findsTwoMessagesOfOneHalfMessage() {
        half("t", Fate.COMMITTED);
        there("t", 0);
        there("t", 1);
        assertOnly(Anomaly.DOUBLE_COMMITTED, "t is at");
    }

    @Test
    void findsAVisibleMessageThatWasRolledBack() {
        half("t", Fate.ROLLED_BACK);
        there("t", 0);
        assertOnly(Anomaly.PHANTOM, "id=t", "ROLLED_BACK");
    }

    @Test
    void findsAVisibleMessageWhoseTransactionNeverEnded() {
        history.attempted("t");
        history.halfAcknowledged("t");
        there("t", 0);
        assertOnly(Anomaly.PHANTOM, "id=t", "null");
    }

    @Test
    void findsAMessageThatNobodySent() {
        there("x", 0);
        assertOnly(Anomaly.PHANTOM, "id=x", "never sent");
    }

    @Test
    void findsADeliveryOfWhatIsNotVisible() {
        half("t", Fate.ROLLED_BACK);
        history.delivered("g", PLACE, 0, "t");
        assertOnly(Anomaly.PHANTOM, "id=t", "not among the visible");
    }

    @Test
    void findsALaneThatIsStoredInAnotherOrder() {
        sent("a", 1);
        sent("b", 0);
        there("b", 0);
        there("a", 1);
        assertOnly(Anomaly.REORDERED, "id=b", "id=a");
    }

    @Test
    void findsAnOrderedConsumerThatSkips() {
        sent("a", 0);
        sent("b", 1);
        there("a", 0);
        there("b", 1);
        history.consumes("g", true, "topic");
        history.delivered("g", PLACE, 1, "b");
        history.delivered("g", PLACE, 0, "a");
        assertOnly(Anomaly.REORDERED, "id=b", "offset 0 was next");
    }

    @Test
    void findsWhatNeverCameToAGroup() {
        sent("a", 0);
        sent("b", 1);
        there("a", 0);
        there("b", 1);
        history.consumes("g", false, "topic");
        history.consumes("h", false, "another");
        history.delivered("g", PLACE, 1, "b");
        assertOnly(Anomaly.UNDELIVERED, "id=a", "group g");
    }

    @Test
    void findsAnOffsetThatWentBack() {
        history.offsetKnown("g", PLACE, 5);
        history.offsetKnown("h", PLACE, 1);
        history.offsetKnown("g", OTHER, 0);
        history.offsetKnown("g", PLACE, 4);
        history.offsetKnown("g", PLACE, 5);
        assertOnly(Anomaly.OFFSET_WENT_BACK, "offset=4", "after 5");
    }

    @Test
    void theFirstWordOfATransactionStands() {
        assertThat(history.decide("t", Fate.ROLLED_BACK)).isEqualTo(Fate.ROLLED_BACK);
        assertThat(history.decide("t", Fate.COMMITTED)).isEqualTo(Fate.ROLLED_BACK);
        assertThat(history.fates()).containsEntry("t", Fate.ROLLED_BACK);
    }
}
