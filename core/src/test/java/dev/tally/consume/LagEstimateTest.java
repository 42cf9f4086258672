package dev.tally.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.transport.QueuePosition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LagEstimateTest {

    private Instant now = Instant.EPOCH;
    private final LagEstimate estimate = new LagEstimate(() -> now);

    private ConsumerLag readAfter(int seconds, QueuePosition... queues) {
        now = now.plusSeconds(seconds);
        return estimate.add(List.of(queues));
    }

    private static QueuePosition queue(String name, long acknowledged, long end) {
        return QueuePosition.numbered(name, acknowledged, 0, end, null, true);
    }

    @Test
    void saysWhenABacklogThatShrinksIsEmpty() {
        assertThat(readAfter(0, queue("a", 0, 1000), queue("b", 0, 100)).timeToEmpty())
                .isEqualTo(new TimeToEmpty.Unknown());
        ConsumerLag lag = readAfter(10, queue("a", 300, 1050), queue("b", 100, 100));

        assertThat(lag.messages()).isEqualTo(750);
        assertThat(lag.pace()).isEqualTo(new ConsumerLag.Pace(40, 5));
        assertThat(lag.timeToEmpty()).isEqualTo(new TimeToEmpty.After(Duration.ofSeconds(21)));
        assertThat(readAfter(10, queue("a", 1050, 1050), queue("b", 100, 100)).timeToEmpty())
                .isEqualTo(new TimeToEmpty.Now());
    }

    @Test
    void saysNeverWhereTheBacklogGrowsOrStays() {
        readAfter(0, queue("a", 0, 100));
        assertThat(readAfter(10, queue("a", 50, 200)).timeToEmpty()).isEqualTo(new TimeToEmpty.Never());
        assertThat(readAfter(10, queue("a", 100, 200)).timeToEmpty())
                .as("100 came and 100 went")
                .isEqualTo(new TimeToEmpty.Never());
    }

    @Test
    void forgetsWhatWasBeforeAMoveBackwards() {
        readAfter(0, queue("a", 500, 1000));
        readAfter(60, queue("a", 900, 1000));

        assertThat(readAfter(10, queue("a", 0, 1000)).timeToEmpty()).isEqualTo(new TimeToEmpty.Unknown());
        assertThat(readAfter(10, queue("a", 100, 1000)).timeToEmpty())
                .isEqualTo(new TimeToEmpty.After(Duration.ofSeconds(90)));
    }

    @Test
    void comparesWithTheOldestReadingOfTheLastTwoMinutes() {
        readAfter(0, queue("a", 0, 100_000));
        readAfter(60, queue("a", 6_000, 100_000));
        readAfter(60, queue("a", 12_000, 100_000));
        readAfter(60, queue("a", 12_000, 100_000));

        ConsumerLag stuck = readAfter(60, queue("a", 12_000, 100_000));

        assertThat(stuck.pace()).isEqualTo(new ConsumerLag.Pace(0, 0));
        assertThat(stuck.timeToEmpty()).isEqualTo(new TimeToEmpty.Never());
    }

    @Test
    void saysNothingFromReadingsThatAreTooCloseAndLeavesNewQueuesOut() {
        readAfter(0, queue("a", 0, 100));
        assertThat(readAfter(2, queue("a", 20, 100)).timeToEmpty()).isEqualTo(new TimeToEmpty.Unknown());
        ConsumerLag wider = readAfter(8, queue("a", 50, 100), queue("b", 7, 5_000));

        assertThat(wider.pace()).isEqualTo(new ConsumerLag.Pace(5, 0));
        assertThat(wider.messages()).isEqualTo(50 + 4_993);
    }

    @Test
    void whatRetentionHasRemovedDoesNotWait() {
        QueuePosition removed = QueuePosition.numbered("a", 10, 60, 100, Instant.ofEpochSecond(7), false);

        ConsumerLag lag = readAfter(0, removed, queue("b", 5, 5));

        assertThat(lag.messages()).isEqualTo(40);
        assertThat(lag.oldest()).contains(Instant.ofEpochSecond(7));
    }
}
