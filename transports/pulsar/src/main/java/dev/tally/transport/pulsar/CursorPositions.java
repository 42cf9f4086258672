package dev.tally.transport.pulsar;

import dev.tally.transport.PositionMove;
import dev.tally.transport.QueuePosition;
import dev.tally.transport.SubscriptionPositions;
import dev.tally.transport.TransportException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * How far a group has got in a topic, by what its brokers' administration says. Positions are those of entries, see {@link
 * EntryPosition}, each of which may hold several messages; a queue's name is the partition's number. Thread-safe.
 */
final class CursorPositions implements SubscriptionPositions {

    /** Entries whose messages the broker counts one by one; of more, what it has taken since it was started says how many. */
    static final int COUNTED = 1_000;

    private final SubscriptionAdmin admin;
    private final GroupMove move;
    private final Supplier<String> ids;
    private final String member;
    private final String subject;

    /**
     * @param ids gives each move a name
     * @param member the id of this one
     * @param subject the group, for people
     */
    CursorPositions(SubscriptionAdmin admin, GroupMove move, Supplier<String> ids, String member, String subject) {
        this.admin = admin;
        this.move = move;
        this.ids = ids;
        this.member = member;
        this.subject = subject;
    }

    /** What there is of a partition. */
    private record Found(SubscriptionAdmin.Partition partition, Ledgers ledgers, SubscriptionAdmin.Backlog backlog) {}

    private Found find(SubscriptionAdmin.Partition partition, boolean withTimes) {
        // The backlog first: what came meanwhile is behind it.
        SubscriptionAdmin.Backlog backlog = admin.backlog(partition, withTimes);
        return new Found(partition, admin.ledgers(partition), backlog);
    }

    @Override
    public List<QueuePosition> read(boolean withTimes) {
        return explained("Cannot read the positions of " + subject, () -> admin.partitions().stream()
                .map(partition -> position(find(partition, withTimes)))
                .toList());
    }

    private QueuePosition position(Found found) {
        Ledgers ledgers = found.ledgers();
        return new QueuePosition(
                found.partition().queue(),
                ledgers.acknowledged(),
                ledgers.first(),
                ledgers.end(),
                lag(found),
                found.backlog().oldest(),
                found.backlog().members().stream().anyMatch(each -> each.id().equals(member)));
    }

    private long lag(Found found) {
        OptionalLong entries = found.backlog().backlog();
        if (entries.isEmpty()) {
            return estimate(
                    found,
                    found.ledgers()
                            .between(found.ledgers().first(), found.ledgers().end()));
        }
        if (entries.getAsLong() == 0 || entries.getAsLong() > COUNTED) {
            return estimate(found, entries.getAsLong());
        }
        return admin.messagesFrom(found.partition(), found.ledgers().acknowledged())
                .orElseGet(() -> estimate(found, entries.getAsLong()));
    }

    @Override
    public List<PositionMove> planTo(Instant time) {
        return explained("Cannot find where " + subject + " was at " + time, () -> admin.partitions().stream()
                .map(partition -> {
                    long to = admin.positionAt(partition, time);
                    return plan(find(partition, false), to);
                })
                .toList());
    }

    @Override
    public PositionMove planTo(String queue, long position) {
        return explained("Cannot move " + subject + " to position " + position + " of partition " + queue, () -> {
            Found found = find(partition(queue, admin.partitions()), false);
            long first = found.ledgers().first();
            long end = found.ledgers().end();
            if (position < first || position > end) {
                throw new TransportException("it has the positions from " + first + " to " + end);
            }
            return plan(found, position);
        });
    }

    private PositionMove plan(Found found, long position) {
        long from = found.ledgers().acknowledged();
        long to = found.ledgers().from(position);
        return new PositionMove(
                found.partition().queue(),
                from,
                to,
                count(found, Math.min(from, to), Math.max(from, to)),
                to < from ? admin.timeOf(found.partition(), to) : null);
    }

    /** How many messages there are from one position up to, and without, another. */
    private long count(Found found, long from, long to) {
        long entries = found.ledgers().between(from, to);
        boolean countable =
                entries > 0 && found.ledgers().between(from, found.ledgers().end()) <= COUNTED;
        if (countable && found.backlog().backlog().isPresent()) {
            OptionalLong more = admin.messagesFrom(found.partition(), from);
            OptionalLong less =
                    to >= found.ledgers().end() ? OptionalLong.of(0) : admin.messagesFrom(found.partition(), to);
            if (more.isPresent() && less.isPresent()) {
                return Math.max(0, more.getAsLong() - less.getAsLong());
            }
        }
        return estimate(found, entries);
    }

    private static long estimate(Found found, long entries) {
        double each = (double) found.backlog().messages()
                / Math.max(1, found.ledgers().added());
        return Math.round(entries * Math.max(1, each));
    }

    @Override
    public void seek(List<PositionMove> moves) {
        explained("Cannot move " + subject, () -> {
            List<SubscriptionAdmin.Partition> partitions = admin.partitions();
            Map<SubscriptionAdmin.Partition, Long> to = new LinkedHashMap<>();
            moves.forEach(each -> to.put(partition(each.queue(), partitions), each.to()));
            if (!to.isEmpty()) {
                move.move(to, ids.get());
            }
            return to;
        });
    }

    private static SubscriptionAdmin.Partition partition(String queue, List<SubscriptionAdmin.Partition> partitions) {
        return partitions.stream()
                .filter(each -> each.queue().equals(queue))
                .findFirst()
                .orElseThrow(() -> new TransportException(
                        "there is no partition '" + queue + "', but those from 0 to " + (partitions.size() - 1)));
    }

    private static <T> T explained(String attempt, Supplier<T> work) {
        try {
            return work.get();
        } catch (TransportException e) {
            throw new TransportException(attempt + ": " + e.getMessage(), e);
        }
    }
}
