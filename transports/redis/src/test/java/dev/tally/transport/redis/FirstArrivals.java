package dev.tally.transport.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.transport.BatchHandler;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The numbers that all members of a group received, by key, each at its first arrival, and by whom. Thread-safe. */
final class FirstArrivals {

    private final Map<String, Set<Integer>> byKey = new LinkedHashMap<>();
    private final Map<String, Integer> byMember = new TreeMap<>();

    BatchHandler member(String name) {
        return batch -> handle(name, batch);
    }

    private synchronized List<DeliveryOutcome> handle(String member, List<ReceivedMessage> batch) {
        for (ReceivedMessage received : batch) {
            byKey.computeIfAbsent(String.valueOf(received.message().key()), key -> new LinkedHashSet<>())
                    .add(Integer.valueOf(RedisKeys.text(received.message().payload())));
        }
        byMember.merge(member, batch.size(), Integer::sum);
        return Collections.nCopies(batch.size(), new DeliveryOutcome.Delivered());
    }

    synchronized int distinct() {
        return byKey.values().stream().mapToInt(Set::size).sum();
    }

    synchronized int of(String member) {
        return byMember.getOrDefault(member, 0);
    }

    synchronized void assertOrder() {
        byKey.forEach((key, numbers) ->
                assertThat(List.copyOf(numbers)).as("first arrivals of %s", key).isSorted());
    }
}
