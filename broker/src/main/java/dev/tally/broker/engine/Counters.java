package dev.tally.broker.engine;

import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOrigin;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** What the log's records add up to. */
final class Counters {

    final LongAdder messages = new LongAdder();
    final LongAdder halves = new LongAdder();
    private final Map<DecisionOrigin, LongAdder> committed = adders();
    private final Map<DecisionOrigin, LongAdder> rolledBack = adders();

    private static Map<DecisionOrigin, LongAdder> adders() {
        Map<DecisionOrigin, LongAdder> adders = new EnumMap<>(DecisionOrigin.class);
        for (DecisionOrigin origin : DecisionOrigin.values()) {
            adders.put(origin, new LongAdder());
        }
        return adders;
    }

    /** All of them, in a fixed order, for {@link #set}. */
    long[] values() {
        return all().mapToLong(LongAdder::sum).toArray();
    }

    /** Sets all of them to what {@link #values} told; further ones, of a newer version, are left out. */
    void set(long[] values) {
        Iterator<LongAdder> adders = all().iterator();
        for (int i = 0; i < values.length && adders.hasNext(); i++) {
            LongAdder adder = adders.next();
            adder.reset();
            adder.add(values[i]);
        }
    }

    private Stream<LongAdder> all() {
        return Stream.of(Stream.of(messages, halves), committed.values().stream(), rolledBack.values().stream())
                .flatMap(adders -> adders);
    }

    void decided(Decision decision, DecisionOrigin origin) {
        of(decision, origin).increment();
    }

    long decisions(Decision decision, DecisionOrigin origin) {
        return of(decision, origin).sum();
    }

    private LongAdder of(Decision decision, DecisionOrigin origin) {
        LongAdder adder = (decision == Decision.COMMIT ? committed : rolledBack).get(origin);
        if (adder == null) {
            throw new IllegalStateException("No counter for decisions of origin " + origin);
        }
        return adder;
    }
}
