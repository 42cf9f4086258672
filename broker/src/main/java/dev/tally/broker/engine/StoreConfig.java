package dev.tally.broker.engine;

import dev.tally.broker.half.CheckPolicy;
import dev.tally.broker.log.LogConfig;
import dev.tally.broker.retention.RetentionConfig;
import dev.tally.broker.store.FlushMode;
import java.nio.file.Path;

/**
 * How a store is kept.
 *
 * @param directory the data directory, created where it is missing
 * @param segmentBytes the size of a log segment, 64 MiB by default; also bounds what one call can append
 * @param firstSegmentBytes the size of a new log's first segment, 4 MiB by default: each further one is twice as large
 *     until {@code segmentBytes}, so that a new broker does not wait for 64 MiB to be filled with zeros
 * @param maxBatchBytes about how many bytes one write and one force take at most, 1 MiB by default
 * @param maxQueuedBytes how many bytes may wait for the disk before calls are rejected, 64 MiB by default
 * @param diskReserveBytes usable disk space that new messages leave free, for decisions and consumers' progress; 64 MiB
 *     by default
 * @param checks when check-backs are due
 * @param rememberedDecisions how many decided half messages are remembered at most (at least half as many), so that a
 *     repeated decision gets the same answer, about 25 bytes each; 1,000,000 by default. A decision about one that was
 *     decided and forgotten is answered as unknown; it changes nothing
 * @param retention how long the log is kept
 * @param defaultFlush what an answer about a message of a new topic means, SYNC by default
 * @param quarantine whether damaged parts of the log are given up, copied to {@code quarantine/}, where the start would
 *     be refused; false by default
 * @since 0.1
 */
public record StoreConfig(
        Path directory,
        int segmentBytes,
        int firstSegmentBytes,
        int maxBatchBytes,
        long maxQueuedBytes,
        long diskReserveBytes,
        CheckPolicy checks,
        int rememberedDecisions,
        RetentionConfig retention,
        FlushMode defaultFlush,
        boolean quarantine) {

    /** The directory of what was given up, in the data directory. */
    static final String QUARANTINE = "quarantine";

    private static final int MIB = 1024 * 1024;

    /** Refuses what cannot work. */
    public StoreConfig {
        if (rememberedDecisions < 2) {
            throw new IllegalArgumentException(
                    "Cannot keep a store with rememberedDecisions = " + rememberedDecisions + "; at least 2");
        }
    }

    /** The defaults for a data directory. */
    public static StoreConfig defaults(Path directory) {
        return new StoreConfig(
                directory,
                64 * MIB,
                4 * MIB,
                MIB,
                64L * MIB,
                64L * MIB,
                CheckPolicy.defaults(),
                1_000_000,
                RetentionConfig.defaults(),
                FlushMode.SYNC,
                false);
    }

    /** The same with other segment sizes, in bytes. */
    public StoreConfig withSegmentBytes(int first, int full) {
        return new StoreConfig(
                directory,
                full,
                first,
                maxBatchBytes,
                maxQueuedBytes,
                diskReserveBytes,
                checks,
                rememberedDecisions,
                retention,
                defaultFlush,
                quarantine);
    }

    /** The same with other check-backs. */
    public StoreConfig withChecks(CheckPolicy policy) {
        return new StoreConfig(
                directory,
                segmentBytes,
                firstSegmentBytes,
                maxBatchBytes,
                maxQueuedBytes,
                diskReserveBytes,
                policy,
                rememberedDecisions,
                retention,
                defaultFlush,
                quarantine);
    }

    /** The same with another bound for what waits, in bytes. */
    public StoreConfig withMaxQueuedBytes(long bytes) {
        return new StoreConfig(
                directory,
                segmentBytes,
                firstSegmentBytes,
                maxBatchBytes,
                bytes,
                diskReserveBytes,
                checks,
                rememberedDecisions,
                retention,
                defaultFlush,
                quarantine);
    }

    /** The same with another reserve, in bytes. */
    public StoreConfig withDiskReserveBytes(long bytes) {
        return new StoreConfig(
                directory,
                segmentBytes,
                firstSegmentBytes,
                maxBatchBytes,
                maxQueuedBytes,
                bytes,
                checks,
                rememberedDecisions,
                retention,
                defaultFlush,
                quarantine);
    }

    /** The same with another bound for the decisions that are remembered. */
    public StoreConfig withRememberedDecisions(int decisions) {
        return new StoreConfig(
                directory,
                segmentBytes,
                firstSegmentBytes,
                maxBatchBytes,
                maxQueuedBytes,
                diskReserveBytes,
                checks,
                decisions,
                retention,
                defaultFlush,
                quarantine);
    }

    /** The same with another retention. */
    public StoreConfig withRetention(RetentionConfig other) {
        return new StoreConfig(
                directory,
                segmentBytes,
                firstSegmentBytes,
                maxBatchBytes,
                maxQueuedBytes,
                diskReserveBytes,
                checks,
                rememberedDecisions,
                other,
                defaultFlush,
                quarantine);
    }

    /** The same with another flush for new topics. */
    public StoreConfig withDefaultFlush(FlushMode flush) {
        return new StoreConfig(
                directory,
                segmentBytes,
                firstSegmentBytes,
                maxBatchBytes,
                maxQueuedBytes,
                diskReserveBytes,
                checks,
                rememberedDecisions,
                retention,
                flush,
                quarantine);
    }

    /** The same, giving damaged parts of the log up or refusing them. */
    public StoreConfig withQuarantine(boolean giveUp) {
        return new StoreConfig(
                directory,
                segmentBytes,
                firstSegmentBytes,
                maxBatchBytes,
                maxQueuedBytes,
                diskReserveBytes,
                checks,
                rememberedDecisions,
                retention,
                defaultFlush,
                giveUp);
    }

    LogConfig log() {
        return new LogConfig(
                directory.resolve(StoreDirectory.LOG),
                segmentBytes,
                firstSegmentBytes,
                maxBatchBytes,
                maxQueuedBytes,
                diskReserveBytes,
                quarantine ? directory.resolve(QUARANTINE) : null);
    }
}
