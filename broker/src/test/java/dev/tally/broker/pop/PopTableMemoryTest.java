package dev.tally.broker.pop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.env.ManualClock;
import dev.tally.broker.queue.OffsetTable;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a million messages take that were handed out and not acknowledged. */
class PopTableMemoryTest {

    private static final int MESSAGES = 1_000_000;
    private static final int OF_A_POP = 32;
    private static final int QUEUES = 8;
    private static final PopLimits NO_LIMITS = new PopLimits(Integer.MAX_VALUE, Integer.MAX_VALUE);

    private static PopTable filled(ManualClock clock) {
        PopTable table = new PopTable(clock, new OffsetTable(), NO_LIMITS);
        table.recovered();
        for (int pop = 0; pop < MESSAGES / OF_A_POP; pop++) {
            PopKey key = new PopKey("poppers", "letters", pop % QUEUES);
            long first = (long) pop / QUEUES * OF_A_POP;
            List<LeaseEntry> taken = new ArrayList<>();
            for (int i = 0; i < OF_A_POP; i++) {
                taken.add(new LeaseEntry(first + i, 1_000_000_000_000L + pop, 60_000, 0));
            }
            table.popped(key, first + OF_A_POP, false, false, "", taken);
        }
        return table;
    }

    @Test
    void aMessageThatIsHandedOutTakesAboutAHundredAndFortyBytes() {
        List<Double> attempts = new ArrayList<>();
        for (int attempt = 0; attempt < 5; attempt++) {
            long before = usedBytes();
            PopTable table = filled(new ManualClock());
            double each = (usedBytes() - before) / (double) MESSAGES;
            Reference.reachabilityFence(table);
            attempts.add(each);
            if (each >= 100 && each <= 170) {
                break;
            }
        }
        System.out.println("popped and not acknowledged: bytes each " + attempts);
        assertThat(attempts).anyMatch(each -> each >= 100 && each <= 170);
    }

    @Test
    void aSnapshotOfAMillionIsRestoredInSecondsAndAllOfThemEnd() {
        ManualClock clock = new ManualClock();
        List<PopQueueEntry> entries = new ArrayList<>();
        filled(clock).forEach(entries::add);
        long started = System.nanoTime();
        PopTable restored = new PopTable(clock, new OffsetTable(), NO_LIMITS);
        entries.forEach(restored::restore);
        restored.recovered();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
        System.out.println("popped and not acknowledged: restored " + restored.size() + " in " + millis + " ms");
        assertThat(restored.size()).isEqualTo(MESSAGES / OF_A_POP * OF_A_POP);
        assertThat(millis).isLessThan(30_000);
        clock.advance(Duration.ofDays(365L * 100));
        assertThat(restored.pollEnded(Integer.MAX_VALUE)).hasSize(restored.size());
    }

    @Test
    void aQueueThatHasReachedItsLimitHandsOutNothingMoreBeforeSomethingIsDone() {
        ManualClock clock = new ManualClock();
        PopTable table = new PopTable(clock, new OffsetTable(), new PopLimits(100, 32));
        table.recovered();
        PopKey[] keys = new PopKey[4];
        for (int queue = 0; queue < keys.length; queue++) {
            keys[queue] = new PopKey("poppers", "letters", queue);
            table.popped(keys[queue], 31, false, false, "", leases(31));
        }
        assertThat(table.size()).isEqualTo(124);
        assertThat(table.readiness(keys[0], false, "")).as("of all").isEqualTo(PopTable.Readiness.FULL);
        table.ended(keys[3], offsets(31));
        assertThat(table.readiness(keys[0], false, "")).isEqualTo(PopTable.Readiness.READY);
        table.popped(keys[0], 32, false, false, "", List.of(new LeaseEntry(31, 2, 60_000, 0)));
        assertThat(table.readiness(keys[0], false, "")).as("of the queue").isEqualTo(PopTable.Readiness.FULL);
        assertThat(table.readiness(keys[1], false, "")).isEqualTo(PopTable.Readiness.READY);
        table.ended(keys[0], List.of(17L));
        assertThat(table.readiness(keys[0], false, "")).isEqualTo(PopTable.Readiness.READY);
    }

    private static List<LeaseEntry> leases(int count) {
        List<LeaseEntry> leases = new ArrayList<>();
        for (int offset = 0; offset < count; offset++) {
            leases.add(new LeaseEntry(offset, 1, 60_000, 0));
        }
        return leases;
    }

    private static List<Long> offsets(int count) {
        List<Long> offsets = new ArrayList<>();
        for (long offset = 0; offset < count; offset++) {
            offsets.add(offset);
        }
        return offsets;
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
        }
        return used;
    }
}
