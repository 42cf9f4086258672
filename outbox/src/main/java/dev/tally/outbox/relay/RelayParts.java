package dev.tally.outbox.relay;

import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxNodes;
import dev.tally.outbox.OutboxRetryRules;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.OutboxStore;
import dev.tally.outbox.WaitingRows;
import dev.tally.transport.Transport;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** What the duties work with; the same for every tenure of a relay. */
record RelayParts(
        OutboxStore store,
        OutboxNodes nodes,
        WaitingRows waiting,
        Transport transport,
        OutboxSettings settings,
        OutboxRetryRules rules,
        OutboxListener listener,
        InstantSource clock,
        RandomGenerator random,
        Timers timers,
        LaneNames laneNames) {

    /** Those that wait for their time. Asked once for each transaction, since the answer may change. */
    Set<Message> scheduled(List<Message> messages) {
        Set<Message> scheduled = Set.of();
        for (Message message : messages) {
            if (waitsForItsTime(message)) {
                scheduled = scheduled.isEmpty() ? Collections.newSetFromMap(new IdentityHashMap<>()) : scheduled;
                scheduled.add(message);
            }
        }
        return scheduled;
    }

    /**
     * Whether a message waits in the table for its time, because the transport cannot keep it back itself, or not for so
     * long.
     */
    private boolean waitsForItsTime(Message message) {
        String deliverAt = message.headers().get(Headers.DELIVER_AT);
        if (deliverAt == null) {
            return false;
        }
        Duration most = transport.maxDelay();
        if (most.isZero()) {
            return true;
        }
        String delay = message.headers().get(Headers.DELAY);
        try {
            long millis = delay != null ? Long.parseLong(delay) : Long.parseLong(deliverAt) - clock.millis();
            return millis > most.toMillis();
        } catch (NumberFormatException e) {
            // Not Tally's: its publisher writes numbers. The transport says what it makes of it.
            return false;
        }
    }

    /** The wait after failure number {@code attempt}. */
    Duration delay(int attempt) {
        return settings.retry().delay(attempt, random);
    }
}
