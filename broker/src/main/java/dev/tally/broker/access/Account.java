package dev.tally.broker.access;

import dev.tally.broker.protocol.SystemTopics;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An account.
 *
 * @param signature checks what its secret key signed
 * @param trusted addresses from which its requests need no signature and no permission, {@code null} for none
 * @param admin whether it may do everything
 */
record Account(
        String accessKey,
        Signature signature,
        @Nullable AddressPattern trusted,
        boolean admin,
        Permission defaultTopicPermission,
        Permission defaultGroupPermission,
        Map<String, Permission> topics,
        Map<String, Permission> groups) {

    boolean allows(Need need) {
        if (admin) {
            return true;
        }
        return switch (need.kind()) {
            case TOPIC ->
                // Every account may write the message traces of its client.
                (need.name().equals(SystemTopics.TRACE) && need.use() != Permission.Use.SUB)
                        || topics.getOrDefault(need.name(), defaultTopicPermission)
                                .allows(need.use());
            case GROUP ->
                groups.getOrDefault(need.name(), defaultGroupPermission).allows(need.use());
            case ADMIN, POSITION -> false;
        };
    }

    /** Without its secrets. */
    @Override
    public String toString() {
        return "Account[" + accessKey + "]";
    }
}
