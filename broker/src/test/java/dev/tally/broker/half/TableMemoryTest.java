package dev.tally.broker.half;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.env.ManualClock;
import dev.tally.broker.queue.MessageRef;
import dev.tally.broker.queue.QueueTable;
import dev.tally.broker.timer.TimerTable;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What a million entries take on the heap, with all slots. */
class TableMemoryTest {

    private static final int ENTRIES = 1_000_000;

    private final QueueTable queues = new QueueTable();

    @Test
    void anUndecidedHalfMessageTakesAboutAHundredBytes() {
        assertTakes(80, 105, () -> {
            HalfTable table = new HalfTable(CheckPolicy.defaults(), new ManualClock(), new Random(1), 1000);
            table.recovered();
            for (int i = 1; i <= ENTRIES; i++) {
                table.prepared(message(i), "group-" + i % 7, "key-" + i, i, 0, null);
            }
            return table;
        });
    }

    @Test
    void aDelayedMessageTakesAboutSeventyBytes() {
        assertTakes(60, 80, () -> {
            TimerTable table = new TimerTable(new ManualClock());
            table.recovered();
            for (int i = 1; i <= ENTRIES; i++) {
                table.scheduled(message(i), i % 1000, i);
            }
            return table;
        });
    }

    /** Other tests may leave something behind that goes away meanwhile: one undisturbed attempt is enough. */
    private static void assertTakes(double least, double most, Supplier<Object> fill) {
        List<Double> attempts = new ArrayList<>();
        for (int attempt = 0; attempt < 5; attempt++) {
            long before = usedBytes();
            Object table = fill.get();
            attempts.add((usedBytes() - before) / (double) ENTRIES);
            Reference.reachabilityFence(table);
            double last = attempts.get(attempt);
            if (last >= least && last <= most) {
                return;
            }
        }
        assertThat(attempts).as("bytes for each entry").anyMatch(each -> each >= least && each <= most);
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
