package dev.tally.transport.rocketmq.crash;

import dev.tally.consume.InboxStore;
import dev.tally.message.MessageId;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** An inbox with stops, which a mistake may leave unused. */
final class StoppingInbox implements InboxStore {

    private final InboxStore inbox;
    private final Stops stops;
    private final Mutant mutant;

    StoppingInbox(InboxStore inbox, Stops stops, Mutant mutant) {
        this.inbox = inbox;
        this.stops = stops;
        this.mutant = mutant;
    }

    @Override
    public Set<MessageId> insertNew(String group, List<MessageId> ids) {
        stops.at(CrashPoint.BEFORE_INBOX_ROW);
        Set<MessageId> inserted = mutant == Mutant.NO_INBOX ? new LinkedHashSet<>(ids) : inbox.insertNew(group, ids);
        stops.at(CrashPoint.BEFORE_HANDLER);
        return inserted;
    }

    @Override
    public int purge(Duration age, int limit) {
        return inbox.purge(age, limit);
    }
}
