package dev.tally.boot.diagnostics;

import dev.tally.consume.IdempotentConsumerRegistry;
import dev.tally.consume.InvalidConsumerException;
import dev.tally.transport.Subscription;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.event.EventListener;

/** Refuses to start with settings of consumer groups that nothing here consumes with: they are misspelt. */
public final class ConsumerGroupsCheck {

    private final Set<String> configured;
    private final IdempotentConsumerRegistry consumers;

    /** @param configured the groups that have settings */
    public ConsumerGroupsCheck(Set<String> configured, IdempotentConsumerRegistry consumers) {
        this.configured = configured;
        this.consumers = consumers;
    }

    @EventListener(ContextRefreshedEvent.class)
    void check() {
        Set<String> known = consumers.subscriptions().stream()
                .map(Subscription::group)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> unknown = new TreeSet<>(configured);
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw new InvalidConsumerException("Cannot start: tally.consumer.groups has settings for " + unknown
                    + ", and no @IdempotentConsumer here has such a group; there are " + known);
        }
    }
}
