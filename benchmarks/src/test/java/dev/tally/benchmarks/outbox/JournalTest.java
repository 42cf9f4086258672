package dev.tally.benchmarks.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.benchmarks.publisher.DeliveryLog.Delivery;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class JournalTest {

    private static final long ANNA = 1;
    private static final long BERT = 2;

    @Test
    void countsWhatWasLostAndWhatCameTwice() {
        Journal journal = Journal.of(List.of(new Delivery(1, 10), new Delivery(2, 20), new Delivery(1, 30)));

        assertThat(journal.missing(Set.of(1L, 2L, 3L))).isEqualTo(1);
        assertThat(journal.duplicates()).isEqualTo(1);
        assertThat(journal.strangers(Set.of(1L))).isEqualTo(1);
        assertThat(journal.lastNanos()).isEqualTo(20);
    }

    @Test
    void findsNoViolationWhereEachCustomersOrdersComeInTheirOrder() {
        Journal journal = Journal.of(List.of(new Delivery(1, 30), new Delivery(2, 10), new Delivery(3, 20)));

        assertThat(journal.violations(Map.of(
                        1L, new Journal.Place(ANNA, 2),
                        2L, new Journal.Place(ANNA, 1),
                        3L, new Journal.Place(BERT, 1))))
                .isZero();
    }

    @Test
    void findsAnOrderThatCameAfterALaterOneOfItsCustomer() {
        Journal journal = Journal.of(List.of(new Delivery(1, 10), new Delivery(2, 20), new Delivery(3, 30)));

        assertThat(journal.violations(Map.of(
                        1L, new Journal.Place(ANNA, 3),
                        2L, new Journal.Place(ANNA, 1),
                        3L, new Journal.Place(ANNA, 2))))
                .isEqualTo(2);
    }

    @Test
    void doesNotCountAnOrderThatComesAgain() {
        Journal journal = Journal.of(List.of(new Delivery(1, 10), new Delivery(2, 20), new Delivery(1, 30)));

        assertThat(journal.violations(Map.of(1L, new Journal.Place(ANNA, 1), 2L, new Journal.Place(ANNA, 2))))
                .isZero();
    }
}
