package dev.tally.broker.half;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.env.ManualClock;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.queue.IndexConfig;
import dev.tally.broker.queue.MessageRef;
import dev.tally.broker.queue.QueueTable;
import dev.tally.broker.timer.TimerTable;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a million entries take on the heap, with all slots. */
class TableMemoryTest {

    private static final int ENTRIES = 1_000_000;

    private final QueueTable queues = new QueueTable(
            IndexConfig.defaults(Path.of("/index"), 0), new SimulatedDisk(1), new ManualClock(), new Random(1));

    @Test
    void anUndecidedHalfMessageTakesAboutAHundredBytes() {
        HalfTable table = new HalfTable(CheckPolicy.defaults(), new ManualClock(), new Random(1), 1000);
        table.recovered();
        long before = usedBytes();
        for (int i = 1; i <= ENTRIES; i++) {
            table.prepared(message(i), "group-" + i % 7, "key-" + i, i, 0, null);
        }
        double each = (usedBytes() - before) / (double) ENTRIES;
        System.out.println("bytes for each undecided half message: " + each);

        assertThat(each).isBetween(80.0, 105.0);
        assertThat(table.preparedCount()).isEqualTo(ENTRIES);
    }

    @Test
    void aDelayedMessageTakesAboutSeventyBytes() {
        TimerTable table = new TimerTable(new ManualClock());
        table.recovered();
        long before = usedBytes();
        for (int i = 1; i <= ENTRIES; i++) {
            table.scheduled(message(i), i % 1000, i);
        }
        double each = (usedBytes() - before) / (double) ENTRIES;
        System.out.println("bytes for each delayed message: " + each);

        assertThat(each).isBetween(60.0, 80.0);
        assertThat(table.size()).isEqualTo(ENTRIES);
    }

    private MessageRef message(int i) {
        return new MessageRef(queues.obtain("topic-" + i % 5, i % 8), i * 320L, 300, i);
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
