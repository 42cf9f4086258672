package dev.tally.broker.client;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.RequestCode;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells consumers that they should share out their queues anew, instead of finding out within 20 seconds. */
public final class ConsumerNotifier {

    private static final Logger log = LoggerFactory.getLogger(ConsumerNotifier.class);

    /**
     * A client that is told of a new topic fetches its route in one rebalance and takes its queues in the next, and it
     * rebalances at most once a second: so it is told again.
     */
    private static final List<Long> REMINDERS_MILLIS = List.of(500L, 1_500L, 3_000L, 6_000L);

    private final Clients clients;
    private final ScheduledExecutorService scheduler;

    public ConsumerNotifier(Clients clients, ScheduledExecutorService scheduler) {
        this.clients = clients;
        this.scheduler = scheduler;
    }

    /** Members of the group came, went or changed. */
    public void membersChanged(String group) {
        Command notice = Command.push(
                RequestCode.NOTIFY_CONSUMER_IDS_CHANGED, Fields.of("consumerGroup", group), Command.noBody());
        for (Connection connection : clients.consumerConnections(group)) {
            var unused = connection.send(notice).exceptionally(failure -> {
                log.debug("Member not notified; group={} remote={}", group, connection.remoteAddress(), failure);
                return null;
            });
        }
    }

    /** A topic came into being: groups that subscribed to it before may start. */
    public void topicCreated(String topic) {
        List<String> waiting = clients.groupsSubscribedTo(topic);
        waiting.forEach(this::membersChanged);
        if (!waiting.isEmpty()) {
            log.debug("Topic created that consumers wait for; topic={} groups={}", topic, waiting);
            for (long delay : REMINDERS_MILLIS) {
                var unused =
                        scheduler.schedule(() -> waiting.forEach(this::membersChanged), delay, TimeUnit.MILLISECONDS);
            }
        }
    }
}
