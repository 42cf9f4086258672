package dev.tally.broker.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CollectionsTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void longMapDoesWhatAHashMapDoes(long seed) {
        Random random = new Random(seed);
        Map<Long, String> expected = new HashMap<>();
        LongMap<String> map = new LongMap<>();
        for (int i = 0; i < 20_000; i++) {
            long key = 1 + random.nextInt(700) * 64L;
            if (random.nextInt(3) == 0) {
                expected.remove(key);
                map.remove(key);
            } else {
                expected.put(key, "v" + i);
                map.put(key, "v" + i);
            }
            assertThat(map.get(key)).isEqualTo(expected.get(key));
            assertThat(map.size()).isEqualTo(expected.size());
        }
        expected.forEach((key, value) -> assertThat(map.get(key)).isEqualTo(value));
        List<String> visited = new ArrayList<>();
        map.forEach(visited::add);
        assertThat(visited).containsExactlyInAnyOrderElementsOf(expected.values());
        assertThat(map.get(0)).isNull();
        assertThatIllegalArgumentException().isThrownBy(() -> map.put(0, "zero"));
    }

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

    private static final class Item extends DueHeap.Due {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void dueHeapYieldsTheEarliestFirstWhateverWasMovedOrRemoved(long seed) {
        Random random = new Random(seed);
        long origin = Long.MAX_VALUE - 500;
        DueHeap<Item> heap = new DueHeap<>();
        List<Item> expected = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            boolean known = !expected.isEmpty() && random.nextInt(3) > 0;
            Item item = known ? expected.get(random.nextInt(expected.size())) : new Item();
            if (known && random.nextInt(4) == 0) {
                heap.remove(item);
                heap.remove(item);
                expected.remove(item);
            } else {
                // The monotonic clock may overflow.
                heap.schedule(item, origin + random.nextInt(1000));
                if (!known) {
                    expected.add(item);
                }
            }
        }
        expected.sort(Comparator.comparingLong(item -> item.dueNanos() - origin));
        for (Item item : expected) {
            Item first = heap.first();
            assertThat(first).isNotNull();
            assertThat(first.dueNanos()).isEqualTo(item.dueNanos());
            heap.remove(first);
        }
        assertThat(heap.first()).isNull();
    }
}
