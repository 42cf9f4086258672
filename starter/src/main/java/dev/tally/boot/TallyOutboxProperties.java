package dev.tally.boot;

import dev.tally.outbox.OutboxSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The outbox and its relay.
 *
 * @param instance the name of this process's place, for instance a pod of a stateful set: a process that starts under the
 *     name of an earlier one takes its rows over at once. Two live processes must not share it
 * @param memoryEntries entries held in memory; what comes beyond waits in the table
 * @param memorySize payloads held in memory, likewise
 * @param heartbeat interval of the heartbeat and of the look for dead nodes
 * @param nodeExpiry silence after which a node counts as dead; at least three heartbeats
 * @param maxAttempts failed attempts after which an entry is parked
 * @param drainLimit how long a stop waits for what is in memory
 */
@ConfigurationProperties("tally.outbox")
record TallyOutboxProperties(
        @Nullable String instance,
        @DefaultValue("10000") int memoryEntries,
        @DefaultValue("64MB") DataSize memorySize,
        @DefaultValue("1s") Duration heartbeat,
        @DefaultValue("5s") Duration nodeExpiry,
        @DefaultValue("16") int maxAttempts,
        @DefaultValue("10s") Duration drainLimit) {

    /** The relay's settings; {@code suffix} tells the places of several relays in one process apart. */
    OutboxSettings settings(String suffix) {
        return OutboxSettings.builder()
                .instance(instance == null ? null : instance + suffix)
                .memoryEntries(memoryEntries)
                .memoryBytes(memorySize.toBytes())
                .heartbeat(heartbeat)
                .nodeExpiry(nodeExpiry)
                .maxAttempts(maxAttempts)
                .drainLimit(drainLimit)
                .build();
    }
}
