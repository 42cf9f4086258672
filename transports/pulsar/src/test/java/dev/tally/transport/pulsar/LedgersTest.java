package dev.tally.transport.pulsar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.transport.TransportException;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class LedgersTest {

    private static long at(long ledger, long entry) {
        return EntryPosition.of(ledger, entry);
    }

    private static Ledgers ledgers(String lastConfirmed, String ledgers, String markDelete) {
        String cursors = markDelete.isEmpty() ? "{}" : "{\"g\": {\"markDeletePosition\": \"" + markDelete + "\"}}";
        return Ledgers.of(
                new JsonMapper()
                        .readTree("{\"lastConfirmedEntry\": \"" + lastConfirmed
                                + "\", \"entriesAddedCounter\": 5, \"ledgers\": [" + ledgers + "], \"cursors\": "
                                + cursors + "}"),
                "g");
    }

    private static String ledger(long id, long entries) {
        return "{\"ledgerId\": " + id + ", \"entries\": " + entries + "}";
    }

    @Test
    void positionsGrowFromEntryToEntryAndFromLedgerToLedger() {
        assertThat(at(3, 5)).isGreaterThan(at(3, 4)).isLessThan(at(4, 0));
        assertThat(EntryPosition.ledger(at(3, 5))).isEqualTo(3);
        assertThat(EntryPosition.entry(at(3, 5))).isEqualTo(5);
        assertThat(at((1L << 35) - 1, (1L << 28) - 1)).isEqualTo(Long.MAX_VALUE);
        assertThat(at(7, -1)).isEqualTo(at(7, 0));
        assertThatThrownBy(() -> at(1L << 35, 0))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("entry 34359738368:0 has no position");
        assertThatThrownBy(() -> at(0, 1L << 28)).isInstanceOf(TransportException.class);
    }

    @Test
    void knowsWhichEntriesThereAre() {
        Ledgers ledgers =
                ledgers("9:3", ledger(3, 10) + "," + ledger(5, 0) + "," + ledger(9, 0), "3:7 (ackSet is short)");

        assertThat(ledgers.first()).isEqualTo(at(3, 0));
        assertThat(ledgers.end()).isEqualTo(at(9, 4));
        assertThat(ledgers.acknowledged()).isEqualTo(at(3, 8));
        assertThat(ledgers.from(at(3, 10))).isEqualTo(at(9, 0));
        assertThat(ledgers.from(at(4, 2))).isEqualTo(at(9, 0));
        assertThat(ledgers.from(at(9, 4))).isEqualTo(ledgers.end());
        assertThat(ledgers.from(at(12, 0))).isEqualTo(ledgers.end());
        assertThat(ledgers.between(at(3, 8), ledgers.end())).isEqualTo(6);
        assertThat(ledgers.between(at(3, 2), at(3, 5))).isEqualTo(3);
        assertThat(ledgers.between(at(9, 1), at(3, 1))).isZero();
    }

    @Test
    void thatAllIsAcknowledgedIsTheSameInANewLedger() {
        assertThat(ledgers("3:9", ledger(3, 10) + "," + ledger(5, 0), "3:9"))
                .satisfies(all -> assertThat(all.acknowledged()).isEqualTo(all.end()))
                .satisfies(all -> assertThat(all.end()).isEqualTo(at(5, 0)));
        assertThat(ledgers("3:9", ledger(5, 0), "5:-1"))
                .satisfies(all -> assertThat(all.first()).isEqualTo(all.end()))
                .satisfies(all -> assertThat(all.acknowledged()).isEqualTo(all.end()));
    }

    @Test
    void aGroupThatIsNotKnownBeginsAtTheFirst() {
        Ledgers ledgers = ledgers("3:1", ledger(3, 0), "");

        assertThat(ledgers.acknowledged()).isEqualTo(at(3, 0));
        assertThat(ledgers.end()).isEqualTo(at(3, 2));
        assertThat(ledgers("-1:-1", "", "").end()).isZero();
    }
}
