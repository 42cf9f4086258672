package dev.tally.broker.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OffsetMapTest {

    @Test
    void aPositionBeforeTheCopyIsItsBegin() {
        OffsetMap map = new OffsetMap(7);
        assertThat(map.targetOf(0)).isEqualTo(7);
        map.add(100, 9, 5);
        assertThat(map.targetOf(50)).isEqualTo(7);
        assertThat(map.targetOf(100)).isEqualTo(7);
        assertThat(map.targetOf(103)).isEqualTo(12);
        assertThat(map.targetOf(105)).isEqualTo(14);
        assertThat(map.targetOf(999)).isEqualTo(14);
    }

    @Test
    void neighboursAreOneRun() {
        OffsetMap map = new OffsetMap(0);
        map.add(0, 0, 3);
        map.add(3, 3, 2);
        map.add(9, 5, 1);
        assertThat(map.runs()).containsExactly(new OffsetMap.Run(0, 0, 5), new OffsetMap.Run(9, 5, 1));
    }

    @Test
    void neverSkipsWhatWasNotConsumedAndNeverFallsBehindWhatWas() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        OffsetMap map = new OffsetMap(5);
        TreeMap<Long, Long> copies = new TreeMap<>();
        long from = 3;
        long to = 5;
        for (int i = 0; i < 2000; i++) {
            from += random.nextInt(20) == 0 ? random.nextInt(5) : 0;
            to += random.nextInt(20) == 0 ? random.nextInt(5) : 0;
            map.add(from, to, 1);
            copies.put(from++, to++);
        }
        for (long position = 0; position < from + 5; position++) {
            long target = map.targetOf(position);
            Map.Entry<Long, Long> last = copies.lowerEntry(position);
            assertThat(target).as("position %d", position).isEqualTo(last == null ? 5 : last.getValue() + 1);
        }
    }

    @Test
    void beyondItsBoundItRepeatsAndLosesNothing() {
        OffsetMap map = new OffsetMap(0);
        for (int i = 0; i < OffsetMap.MOST_RUNS + 10; i++) {
            map.add(i * 2L, i, 1);
        }
        long at = (OffsetMap.MOST_RUNS + 5) * 2L;
        assertThat(map.targetOf(at)).isEqualTo(OffsetMap.MOST_RUNS);
        assertThat(map.targetEnd()).isEqualTo(OffsetMap.MOST_RUNS + 10);
    }
}
