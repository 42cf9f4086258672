package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Message;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The numbers that several members of a group received, by key, each at its first arrival. What comes again is allowed: it
 * is the inbox' affair. Thread-safe.
 */
final class Arrivals implements BatchHandler {

    private final Map<String, Set<Integer>> byKey = new LinkedHashMap<>();

    Arrivals() {}

    @Override
    public synchronized List<DeliveryOutcome> handle(List<ReceivedMessage> batch) {
        for (ReceivedMessage received : batch) {
            Message message = received.message();
            byKey.computeIfAbsent(String.valueOf(message.key()), key -> new LinkedHashSet<>())
                    .add(Integer.valueOf(TransportSuite.text(message)));
        }
        return Collections.nCopies(batch.size(), new DeliveryOutcome.Delivered());
    }

    /** How many different numbers came. */
    synchronized int distinct() {
        return byKey.values().stream().mapToInt(Set::size).sum();
    }

    /** Of each key they came in the order in which they were sent. */
    synchronized void assertOrder() {
        byKey.forEach((key, numbers) ->
                assertThat(List.copyOf(numbers)).as("first arrivals of %s", key).isSorted());
    }
}
