package dev.tally.half;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long rows of the ledger are kept: as long as is configured, and longer where a check-back may still ask for them,
 * since a row that is gone is answered with ROLLBACK, and a committed message would be lost.
 *
 * <p>To the horizon comes an {@linkplain #ALLOWANCE allowance}. Thread-safe.
 *
 * @since 0.1
 */
public final class LedgerRetention {

    /**
     * What a row may be older than its half messages are, as they count: a database may date it back to the start of its
     * transaction, the clocks of service, broker and database may run apart, and a round of purging takes its time.
     */
    public static final Duration ALLOWANCE = Duration.ofDays(1);

    private static final Logger log = LoggerFactory.getLogger(LedgerRetention.class);

    private final Duration configured;
    private final Duration allowance;
    private final CheckBackHorizon horizon;
    private final InstantSource clock;
    private boolean prolonged;
    private @Nullable Instant unknownSince;

    /**
     * Creates it.
     *
     * @param configured how long rows are kept at least
     * @param allowance comes to the horizon, see {@link #ALLOWANCE}
     * @param clock tells how long the horizon could not be found out
     */
    public LedgerRetention(Duration configured, Duration allowance, CheckBackHorizon horizon, InstantSource clock) {
        if (configured.isNegative() || allowance.isNegative()) {
            throw new IllegalArgumentException("Cannot keep rows of the ledger for " + configured
                    + " or the horizon and " + allowance + ": neither may be negative");
        }
        this.configured = configured;
        this.allowance = allowance;
        this.horizon = horizon;
        this.clock = clock;
    }

    /**
     * How old rows have to be to go now, for one round of purging. Asks the horizon.
     *
     * @return empty where that cannot be found out: then none may go
     */
    public synchronized Optional<Duration> age() {
        Duration oldest;
        try {
            oldest = horizon.ofOldestQuestion();
        } catch (HalfMessagesUnavailableException e) {
            Instant now = clock.instant();
            if (unknownSince == null) {
                unknownSince = now;
            }
            log.warn(
                    "nothing is removed from the ledger, since nobody can tell how old a question may be that the broker"
                            + " still asks; the next round asks again unknownFor={} reason={}",
                    Duration.between(unknownSince, now),
                    e.getMessage());
            return Optional.empty();
        }
        return Optional.of(longest(oldest));
    }

    /**
     * Looks, ahead of the first round, whether the configured time is enough, and warns if not. Asks the horizon; that it
     * cannot be found out yet is no news, a service may start while its broker is down.
     *
     * @return whether it could be found out
     */
    public synchronized boolean check() {
        try {
            longest(horizon.ofOldestQuestion());
            return true;
        } catch (HalfMessagesUnavailableException e) {
            log.debug("cannot tell yet how long the ledger has to remember reason={}", e.getMessage());
            return false;
        }
    }

    private Duration longest(Duration oldest) {
        unknownSince = null;
        Duration needed = oldest.plus(allowance);
        boolean tooShort = configured.compareTo(needed) < 0;
        if (tooShort && !prolonged) {
            log.warn(
                    "the ledger keeps its rows longer than configured, since the broker may still ask for them"
                            + " configured={} used={} oldestQuestion={} allowance={}",
                    configured,
                    needed,
                    oldest,
                    allowance);
        }
        prolonged = tooShort;
        return tooShort ? needed : configured;
    }
}
