package dev.tally.sample.demo;

import dev.tally.sample.demo.audit.Evidence;
import dev.tally.sample.demo.audit.Finding;
import dev.tally.sample.demo.audit.ServiceReader.BrokerStatus;
import dev.tally.sample.demo.place.Placed;
import java.time.Duration;
import java.util.List;

/**
 * What a run has shown.
 *
 * @param delivered messages that the consumers have handled, at least
 * @param duplicates messages that came again and had no effect, at least
 */
record Outcome(
        int cancellationsLeftOut,
        Placed placed,
        Evidence evidence,
        BrokerStatus broker,
        long delivered,
        long duplicates,
        int kills,
        Duration time,
        List<Finding> findings) {

    boolean isConsistent() {
        return findings.isEmpty();
    }
}
