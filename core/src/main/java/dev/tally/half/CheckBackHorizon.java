package dev.tally.half;

import java.time.Duration;

/**
 * Tells how long the ledger has to remember: how old the oldest local transaction is that the broker may still ask about.
 * Implementations are thread-safe.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface CheckBackHorizon {

    /**
     * The age of the oldest half message, of this service's producer group, that a check-back may come for now or later;
     * zero where none is undecided. Never too short; too long costs no more than rows. May ask brokers, and waits for them.
     *
     * @throws HalfMessagesUnavailableException where it cannot be found out; nothing may be forgotten then
     */
    Duration ofOldestQuestion();
}
