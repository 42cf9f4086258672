package dev.tally.boot.actuate;

import dev.tally.outbox.operations.WaitReason;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * When the outbox makes Tally's health DOWN, by the reason for which messages wait.
 *
 * @param maxAge age of the oldest message that waits for a reason (paused, no-owner, transport-down, poisoned, backlog,
 *     parked, blocked) from which a person has to look. A reason that is not named has tally.health.max-backlog-age; parked
 *     and blocked, if they are not named, have none: what is parked has been given up, is counted, and waits for a person
 *     without harm to the others, as do those of its key behind it where that is the policy
 */
@ConfigurationProperties("tally.outbox.health")
record TallyOutboxHealthProperties(@DefaultValue Map<WaitReason, Duration> maxAge) {

    /** The limit of a reason; {@code null} for none. */
    @Nullable Duration limit(WaitReason reason, Duration general) {
        Duration own = maxAge.get(reason);
        if (own != null) {
            return own;
        }
        return reason == WaitReason.PARKED || reason == WaitReason.BLOCKED ? null : general;
    }
}
