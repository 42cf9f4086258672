package dev.tally.broker.half;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.env.ManualClock;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.queue.IndexConfig;
import dev.tally.broker.queue.MessageRef;
import dev.tally.broker.queue.QueueTable;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOrigin;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.timer.TimerEntry;
import dev.tally.broker.timer.TimerTable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HalfTableTest {

    private static final CheckPolicy POLICY = new CheckPolicy(
            Duration.ofSeconds(6), Duration.ofSeconds(10), Duration.ofSeconds(40), Duration.ofSeconds(2), 2);

    private final ManualClock clock = new ManualClock();
    private final QueueTable queues =
            new QueueTable(IndexConfig.defaults(Path.of("/data/index"), 0), new SimulatedDisk(1), clock, new Random(1));

    private HalfTable table() {
        return new HalfTable(POLICY, clock, new Random(1), 100);
    }

    private MessageRef message(long position) {
        return new MessageRef(queues.obtain("t" + position % 3, (int) (position % 5)), position, 77, position * 31);
    }

    @Test
    void isTheSameAfterItsEntriesWereRestored() {
        HalfTable table = table();
        table.recovered();
        for (int i = 1; i <= 50; i++) {
            table.prepared(message(i), "g" + i % 4, i % 2 == 0 ? "key" + i : "", clock.millis(), i % 7, null);
        }
        clock.advance(Duration.ofSeconds(7));
        table.pollDue(10).forEach(half -> table.checkDelivered(half.position()));
        table.park(50, 2);
        table.decide(49, Decision.COMMIT, DecisionOrigin.PRODUCER);
        table.remember(49, Decision.COMMIT, 17);
        List<HalfEntry> entries = new ArrayList<>();
        List<DecidedEntry> decisions = new ArrayList<>();
        table.forEach(entries::add);
        table.forEachDecided(decisions::add);

        HalfTable restored = table();
        entries.forEach(restored::restore);
        decisions.forEach(restored::restore);
        restored.recovered();

        List<HalfEntry> again = new ArrayList<>();
        restored.forEach(again::add);
        assertThat(again).hasSize(49).containsExactlyInAnyOrderElementsOf(entries);
        assertThat(restored.list(HalfState.PREPARED, 99)).isEqualTo(table.list(HalfState.PREPARED, 99));
        assertThat(restored.list(HalfState.PARKED, 99)).isEqualTo(table.list(HalfState.PARKED, 99));
        assertThat(restored.preparedCount()).isEqualTo(48);
        assertThat(restored.parkedCount()).isEqualTo(1);
        assertThat(restored.answer(49, "g1", Decision.COMMIT)).isEqualTo(table.answer(49, "g1", Decision.COMMIT));
        int key = HalfTable.keyHash("g2", "key6");
        assertThat(restored.findByKey(key)).isEqualTo(6).isEqualTo(table.findByKey(key));
    }

    @Test
    void checkCountsOfASnapshotLeadToTheParking() {
        HalfTable table = table();
        table.restore(new HalfEntry(message(9), "g", 0, clock.millis(), 0, 6000, HalfState.PREPARED, 2));
        table.recovered();

        clock.advance(Duration.ofSeconds(30));

        assertThat(table.pollDue(9)).isEmpty();
        assertThat(table.pollUsedUp(9)).containsExactly(9L);
    }

    @Test
    void aDecisionAfterTheLastCheckTakesTheHalfMessageOutOfTheParking() {
        HalfTable table = table();
        table.recovered();
        table.prepared(message(9), "g", "", clock.millis(), 0, null);
        table.checkDelivered(9);
        table.checkDelivered(9);
        table.decide(9, Decision.ROLLBACK, DecisionOrigin.CHECK_BACK);
        table.remember(9, Decision.ROLLBACK, -1);

        clock.advance(Duration.ofHours(1));

        assertThat(table.pollUsedUp(9)).isEmpty();
        assertThat(table.preparedCount()).isZero();
    }

    @Test
    void delayedMessagesAreTheSameAfterTheirEntriesWereRestored() {
        TimerTable timers = new TimerTable(clock);
        timers.recovered();
        for (int i = 1; i <= 20; i++) {
            timers.scheduled(message(i), i * 1000L, clock.millis());
        }
        List<TimerEntry> entries = new ArrayList<>();
        timers.forEach(entries::add);
        TimerTable restored = new TimerTable(clock);
        entries.forEach(restored::restore);
        restored.recovered();

        clock.advance(Duration.ofSeconds(3));

        assertThat(entries).hasSize(20);
        assertThat(restored.pollDue(99)).containsExactly(1L, 2L, 3L).isEqualTo(timers.pollDue(99));
        assertThat(restored.find(20)).isEqualTo(message(20));
    }
}
