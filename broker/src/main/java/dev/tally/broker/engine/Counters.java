package dev.tally.broker.engine;

import dev.tally.broker.snapshot.SnapshotInput;
import dev.tally.broker.snapshot.SnapshotOutput;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOrigin;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

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

    void decided(Decision decision, DecisionOrigin origin) {
        of(decision, origin).increment();
    }

    long decisions(Decision decision, DecisionOrigin origin) {
        return of(decision, origin).sum();
    }

    void writeTo(SnapshotOutput out) throws IOException {
        out.putLong(messages.sum());
        out.putLong(halves.sum());
        for (DecisionOrigin origin : DecisionOrigin.values()) {
            for (Decision decision : Decision.values()) {
                out.putLong(decisions(decision, origin));
            }
        }
    }

    void readFrom(SnapshotInput in) throws IOException {
        messages.add(in.getLong());
        halves.add(in.getLong());
        for (DecisionOrigin origin : DecisionOrigin.values()) {
            for (Decision decision : Decision.values()) {
                of(decision, origin).add(in.getLong());
            }
        }
    }

    private LongAdder of(Decision decision, DecisionOrigin origin) {
        LongAdder adder = (decision == Decision.COMMIT ? committed : rolledBack).get(origin);
        if (adder == null) {
            throw new IllegalStateException("No counter for decisions of origin " + origin);
        }
        return adder;
    }
}
