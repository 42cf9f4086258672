package dev.tally.transport.kafka;

import dev.tally.transport.TransportException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.TopicPartition;

/** What a subscription has of its group at the moment; another one after a failure. Thread-safe. */
final class CurrentMember implements TopicPositions.Member {

    private final AtomicReference<GroupMembership> membership = new AtomicReference<>();

    GroupMembership is(GroupMembership joined) {
        membership.set(joined);
        return joined;
    }

    @Override
    public Set<TopicPartition> partitions() {
        GroupMembership now = membership.get();
        return now == null ? Set.of() : now.owned();
    }

    @Override
    public CompletableFuture<Void> move(Map<TopicPartition, Long> to, String id) {
        GroupMembership now = membership.get();
        return now == null
                ? CompletableFuture.failedFuture(new TransportException("this member has not joined the group yet"))
                : now.move(to, id);
    }
}
