package dev.tally.boot;

import dev.tally.outbox.OutboxRetention;
import dev.tally.outbox.OutboxRetryRules;
import dev.tally.outbox.OutboxRetryRules.Verdict;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.PoisonPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
 * @param lanes into how many lanes keys are divided, the unit in which nodes share the work: the same for all nodes
 * @param lanePoll how often a busy node looks for what other nodes wrote, while there are any
 * @param joinLimit how long publishing with keys waits at most for this node to be known to the others; half of
 *     it, and no longer than {@code nodeExpiry}, while the database is silent: who waits may hold the connection that the
 *     heartbeat needs
 * @param strangerLimit how long transactions of nodes that are gone may take effect, at most; only where the database does
 *     not tell which transactions are open (MySQL and MariaDB without the PROCESS privilege)
 * @param retention what becomes of rows that are sent: {@code delete}, or {@code archive} to keep them in
 *     {@code tally_outbox_archive}
 * @param archiveKeep how long archived rows are kept; also those that are left from when they were archived
 * @param drainRate messages a second, at most, that this node sends of what has piled up, for instance while the broker was
 *     down; as fast as it goes by default. What is published later is not held back
 * @param poisonPolicy what becomes of a key when one of its messages is given up: CONTINUE goes on without it, BLOCK has those
 *     behind it wait until a person resumes or discards it
 * @param poisonPolicyByTopic the same for single topics
 * @param retry which failures are retried
 */
@ConfigurationProperties("tally.outbox")
record TallyOutboxProperties(
        @Nullable String instance,
        @DefaultValue("10000") int memoryEntries,
        @DefaultValue("64MB") DataSize memorySize,
        @DefaultValue("1s") Duration heartbeat,
        @DefaultValue("5s") Duration nodeExpiry,
        @DefaultValue("16") int maxAttempts,
        @DefaultValue("10s") Duration drainLimit,
        @DefaultValue("32") int lanes,
        @DefaultValue("25ms") Duration lanePoll,
        @DefaultValue("10s") Duration joinLimit,
        @DefaultValue("10m") Duration strangerLimit,
        @DefaultValue("delete") OutboxRetention retention,
        @DefaultValue("30d") Duration archiveKeep,
        @Nullable Double drainRate,
        @DefaultValue("CONTINUE") PoisonPolicy poisonPolicy,
        @DefaultValue Map<String, PoisonPolicy> poisonPolicyByTopic,
        @DefaultValue Retry retry) {

    /**
     * Rules for failures: names of exception types with their packages, or "reason:" and a regular expression to be found in
     * the failure's reason. The first list that has one that fits counts, in this order; what fits none is retried if the
     * transport calls it retryable, and parked if not.
     *
     * @param parkAtOnce given up at the first failure
     * @param withoutCounting retried for as long as it takes
     * @param always retried until the attempts are used up, also if the transport calls it final
     */
    record Retry(
            @DefaultValue List<String> parkAtOnce,
            @DefaultValue List<String> withoutCounting,
            @DefaultValue List<String> always) {

        OutboxRetryRules rules() {
            OutboxRetryRules.Builder rules = OutboxRetryRules.builder();
            parkAtOnce.forEach(words -> rules.when(words, Verdict.PARK));
            withoutCounting.forEach(words -> rules.when(words, Verdict.RETRY_UNCOUNTED));
            always.forEach(words -> rules.when(words, Verdict.RETRY));
            return rules.build();
        }
    }

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
                .lanes(lanes)
                .lanePoll(lanePoll)
                .joinLimit(joinLimit)
                .strangerLimit(strangerLimit)
                .drainRate(drainRate == null ? Double.POSITIVE_INFINITY : drainRate)
                .poisonPolicy(poisonPolicy)
                .poisonPolicyByTopic(poisonPolicyByTopic)
                .build();
    }
}
