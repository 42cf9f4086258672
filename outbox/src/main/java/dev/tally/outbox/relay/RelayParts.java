package dev.tally.outbox.relay;

import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxNodes;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.OutboxStore;
import dev.tally.transport.Transport;
import java.time.Duration;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** What the duties work with; the same for every tenure of a relay. */
record RelayParts(
        OutboxStore store,
        OutboxNodes nodes,
        Transport transport,
        OutboxSettings settings,
        OutboxListener listener,
        InstantSource clock,
        RandomGenerator random,
        Timers timers) {

    /** The wait after failure number {@code attempt}. */
    Duration delay(int attempt) {
        return settings.retry().delay(attempt, random);
    }
}
