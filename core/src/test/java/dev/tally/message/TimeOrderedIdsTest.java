package dev.tally.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class TimeOrderedIdsTest {

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2030-01-02T03:04:05.678Z"));

    @Test
    void anIdIsAUuidOfVersion7ThatTellsItsTime() {
        UUID id = UUID.fromString(
                new TimeOrderedIds(now::get, new SplittableRandom(1)).get().value());

        assertThat(id.version()).isEqualTo(7);
        assertThat(id.variant()).isEqualTo(2);
        assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(now.get().toEpochMilli());
    }

    @Test
    void idsGrowWhileTheClockStandsStillRunsOrJumpsBack() {
        TimeOrderedIds ids = new TimeOrderedIds(now::get, new SplittableRandom(1));
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            taken.add(ids.get().value());
        }
        now.set(now.get().plusMillis(50));
        taken.add(ids.get().value());
        now.set(now.get().minusSeconds(3600));
        taken.add(ids.get().value());

        assertThat(taken).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void threadsNeverGetTheSameIdEvenWithoutRandomness() throws Exception {
        TimeOrderedIds ids = new TimeOrderedIds(now::get, () -> 0L);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Callable<List<MessageId>> take = () -> {
                List<MessageId> taken = new ArrayList<>();
                for (int i = 0; i < 5_000; i++) {
                    taken.add(ids.get());
                }
                return taken;
            };
            Set<MessageId> all = new HashSet<>();
            for (Future<List<MessageId>> future : threads.invokeAll(Collections.nCopies(4, take))) {
                all.addAll(future.get());
            }
            assertThat(all).hasSize(20_000);
        } finally {
            threads.shutdownNow();
        }
    }
}
