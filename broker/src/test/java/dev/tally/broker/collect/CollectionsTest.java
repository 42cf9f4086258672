package dev.tally.broker.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CollectionsTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void longLongMapDoesWhatAHashMapDoes(long seed) {
        Random random = new Random(seed);
        Map<Long, Long> expected = new HashMap<>();
        LongLongMap map = new LongLongMap();
        for (int i = 0; i < 20_000; i++) {
            long key = random.nextLong(5000) - 2500;
            if (key != 0) {
                expected.put(key, (long) i);
                map.put(key, i);
            }
        }
        assertThat(map.size()).isEqualTo(expected.size());
        expected.forEach((key, value) -> assertThat(map.get(key, -1)).isEqualTo(value));
        assertThat(map.get(99_999, -7)).isEqualTo(-7);
        assertThat(map.get(0, -7)).isEqualTo(-7);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void rowMapDoesWhatAHashMapDoesAndRowsAreUsedAgain(long seed) {
        Random random = new Random(seed);
        Map<Long, Long> expected = new HashMap<>();
        LongRows rows = new LongRows(3);
        RowMap map = new RowMap(row -> rows.get(row, 1));
        for (int i = 0; i < 20_000; i++) {
            long key = 1 + random.nextInt(2500) * 64L;
            int row = map.find(key);
            assertThat(row >= 0 ? rows.get(row, 2) : null).isEqualTo(expected.get(key));
            if (row >= 0 && random.nextInt(3) > 0) {
                map.remove(key);
                rows.remove(row);
                expected.remove(key);
            } else if (row < 0) {
                int added = rows.add();
                assertThat(rows.get(added, 2)).isZero();
                rows.set(added, 1, key);
                rows.set(added, 2, i);
                map.put(added);
                expected.put(key, (long) i);
            }
            assertThat(map.size()).isEqualTo(expected.size());
            assertThat(rows.size()).isEqualTo(expected.size());
        }
        map.remove(63);
        Map<Long, Long> visited = new HashMap<>();
        map.forEach(row -> visited.put(rows.get(row, 1), rows.get(row, 2)));
        assertThat(visited).isEqualTo(expected);
        for (long key : expected.keySet()) {
            int row = map.find(key);
            map.remove(key);
            rows.remove(row);
        }
        assertThat(map.size()).isZero();
        assertThat(rows.get(rows.add(), 1)).isZero();
    }

    @Test
    void theHalvesOfAFieldDoNotTouchEachOther() {
        LongRows rows = new LongRows(1);
        int row = rows.add();
        rows.setHigh(row, 0, -5);
        rows.setLow(row, 0, -7);
        assertThat(rows.high(row, 0)).isEqualTo(-5);
        assertThat(rows.low(row, 0)).isEqualTo(-7);
        rows.setHigh(row, 0, 9);
        assertThat(rows.low(row, 0)).isEqualTo(-7);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void rowHeapYieldsTheEarliestFirstWhateverWasMovedOrRemoved(long seed) {
        Random random = new Random(seed);
        long origin = Long.MAX_VALUE - 500;
        LongRows rows = new LongRows(2);
        RowHeap heap = new RowHeap(rows, 0, 1);
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            boolean known = !expected.isEmpty() && random.nextInt(3) > 0;
            Integer row = known ? expected.get(random.nextInt(expected.size())) : (Integer) rows.add();
            if (known && random.nextInt(4) == 0) {
                heap.remove(row);
                heap.remove(row);
                expected.remove(row);
            } else {
                // The monotonic clock may overflow.
                heap.schedule(row, origin + random.nextInt(1000));
                if (!known) {
                    expected.add(row);
                }
            }
        }
        assertThat(heap.size()).isEqualTo(expected.size());
        expected.sort(Comparator.comparingLong(row -> heap.dueNanos(row) - origin));
        for (int row : expected) {
            int first = heap.first();
            assertThat(heap.dueNanos(first)).isEqualTo(heap.dueNanos(row));
            heap.remove(first);
        }
        assertThat(heap.first()).isEqualTo(-1);
    }

    @Test
    void recentLongsForgetTheOlderHalf() {
        RecentLongs recent = new RecentLongs(10);
        for (int key = 1; key <= 12; key++) {
            recent.put(key, key * 2L);
        }
        List<Long> seen = new ArrayList<>();
        recent.forEach((key, value) -> seen.add(value));
        assertThat(seen).containsExactlyInAnyOrder(12L, 14L, 16L, 18L, 20L, 22L, 24L);
        assertThat(recent.get(12, -1)).isEqualTo(24);
        assertThat(recent.get(1, -1)).isEqualTo(-1);
    }
}
