package dev.tally.boot;

import dev.tally.message.TallyException;
import dev.tally.outbox.bridge.BridgeProgress;
import dev.tally.outbox.bridge.OutboxBridge;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * A bridge's progress, counted at most every {@value #MAX_AGE_SECONDS} seconds however often it is asked for, because
 * counting reads the other table. Thread-safe.
 *
 * @since 0.1
 */
public final class RecentBridgeProgress {

    private static final Logger log = LoggerFactory.getLogger(RecentBridgeProgress.class);
    private static final int MAX_AGE_SECONDS = 30;

    private final OutboxBridge bridge;
    private final InstantSource clock;
    private @Nullable BridgeProgress progress;
    private Instant countedAt = Instant.MIN;

    /** Creates it. */
    public RecentBridgeProgress(OutboxBridge bridge, InstantSource clock) {
        this.bridge = bridge;
        this.clock = clock;
    }

    /** The progress a while ago at most; empty where it could not be counted then. */
    public synchronized Optional<BridgeProgress> get() {
        Instant now = clock.instant();
        if (!now.isBefore(countedAt.plus(Duration.ofSeconds(MAX_AGE_SECONDS)))) {
            countedAt = now;
            try {
                progress = bridge.progress();
            } catch (TallyException | DataAccessException | TransactionException e) {
                progress = null;
                log.debug("cannot count what a bridge has left bridge={}", bridge.name(), e);
            }
        }
        return Optional.ofNullable(progress);
    }
}
