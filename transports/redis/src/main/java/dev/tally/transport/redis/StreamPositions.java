package dev.tally.transport.redis;

import dev.tally.transport.PositionMove;
import dev.tally.transport.QueuePosition;
import dev.tally.transport.SubscriptionPositions;
import dev.tally.transport.TransportException;
import io.lettuce.core.RedisException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How far a group has got in the streams of a topic. Positions are the entries' ids as numbers, see {@link EntryPosition};
 * a queue's name is the number of its partition. Thread-safe.
 *
 * <p>A move takes the lease of the partition away from whoever has it, forgets what the group has read and not
 * acknowledged, and sets the last id that it has read. For a second nobody gets the lease, so that its owner notices and
 * drops what it has.
 */
final class StreamPositions implements SubscriptionPositions {

    /** Entries that are counted one by one; of more, the length of the stream and the times say about how many. */
    static final int COUNTED = 10_000;

    private static final int PAGE = 1_000;

    private final GroupContext context;
    private final RedisKeys keys;
    private final Topics topics;
    private final Answers answers;

    StreamPositions(GroupContext context, RedisKeys keys, Topics topics, Answers answers) {
        this.context = context;
        this.keys = keys;
        this.topics = topics;
        this.answers = answers;
    }

    /**
     * What Redis says of a stream.
     *
     * @param first position of the oldest entry, {@code end} where there is none
     * @param end the position behind the last entry that there ever was
     * @param acknowledged position of the first that is not
     * @param length entries that there are
     * @param owner the member that has the lease, empty for nobody
     */
    private record Found(int partition, long first, long end, long acknowledged, long length, String owner) {

        /** Where the group goes on: what was trimmed is no way to go back to. */
        long next() {
            return Math.max(first, acknowledged);
        }

        String queue() {
            return Integer.toString(partition);
        }
    }

    @Override
    public List<QueuePosition> read(boolean withTimes) {
        return explained(
                "Cannot read the positions of " + subject(),
                session -> each(
                        session,
                        found -> new QueuePosition(
                                found.queue(),
                                found.acknowledged(),
                                found.first(),
                                found.end(),
                                count(session, found, found.next(), found.end()),
                                withTimes ? oldest(session, found) : null,
                                found.owner().equals(context.member()))));
    }

    private @Nullable Instant oldest(Session session, Found found) {
        long at = firstFrom(session, found, found.next());
        return at == found.end() ? null : EntryPosition.time(at);
    }

    @Override
    public List<PositionMove> planTo(Instant time) {
        return explained(
                "Cannot find where " + subject() + " was at " + time,
                session -> each(
                        session, found -> move(session, found, firstFrom(session, found, EntryPosition.of(time)))));
    }

    @Override
    public PositionMove planTo(String queue, long position) {
        return explained(
                "Cannot move " + subject() + " to position " + position + " of partition " + queue, session -> {
                    Found found = find(session, partition(queue, partitions(session)));
                    if (position < found.first() || position > found.end()) {
                        throw new TransportException(
                                "it has the positions from " + found.first() + " to " + found.end());
                    }
                    return move(session, found, position);
                });
    }

    private PositionMove move(Session session, Found found, long to) {
        long from = found.next();
        long messages = count(session, found, Math.min(from, to), Math.max(from, to));
        return new PositionMove(found.queue(), from, to, messages, to < from ? EntryPosition.time(to) : null);
    }

    @Override
    public void seek(List<PositionMove> moves) {
        List<String> moved = new ArrayList<>();
        explained("Cannot move " + subject(), session -> {
            int partitions = partitions(session);
            for (PositionMove move : moves) {
                int partition = partition(move.queue(), partitions);
                try {
                    answers.of(Scripts.seek(
                            session,
                            keys.stream(topic(), partition),
                            keys.lease(topic(), partition, group()),
                            group(),
                            EntryPosition.idBefore(move.to())));
                } catch (RedisException | TransportException e) {
                    throw new TransportException(
                            "partition " + move.queue() + " was not moved, " + Failures.reason(e) + "; moved before: "
                                    + moved,
                            e);
                }
                moved.add(move.queue());
            }
            return moved;
        });
        context.wake().run();
    }

    private <T> List<T> each(Session session, Function<Found, T> of) {
        int partitions = partitions(session);
        List<T> all = new ArrayList<>(partitions);
        for (int i = 0; i < partitions; i++) {
            all.add(of.apply(find(session, i)));
        }
        return all;
    }

    private int partitions(Session session) {
        return answers.of(topics.ask(session, topic()));
    }

    private static int partition(String queue, int partitions) {
        for (int i = 0; i < partitions; i++) {
            if (Integer.toString(i).equals(queue)) {
                return i;
            }
        }
        throw new TransportException("there is no partition '" + queue + "', but those from 0 to " + (partitions - 1));
    }

    private Found find(Session session, int partition) {
        List<Object> answer = answers.of(Scripts.positions(
                session, keys.stream(topic(), partition), keys.lease(topic(), partition, group()), group()));
        long end = EntryPosition.of(text(answer, 0)) + 1;
        String oldest = text(answer, 1);
        long first = oldest.isEmpty() ? end : EntryPosition.of(oldest);
        String pending = text(answer, 3);
        long acknowledged = pending.isEmpty() ? EntryPosition.of(text(answer, 2)) + 1 : EntryPosition.of(pending);
        String lease = text(answer, 5);
        String owner = lease.isEmpty() ? "" : lease.substring(0, lease.lastIndexOf(':'));
        return new Found(partition, first, end, acknowledged, (Long) answer.get(4), owner);
    }

    private static String text(List<Object> answer, int index) {
        return RedisKeys.text((byte[]) answer.get(index));
    }

    /** The position of the first entry from one on, the end where there is none. */
    private long firstFrom(Session session, Found found, long from) {
        if (from >= found.end()) {
            return found.end();
        }
        List<Object> page = page(session, found, from, found.end(), 1);
        String last = text(page, 1);
        return last.isEmpty() ? found.end() : EntryPosition.of(last);
    }

    /** How many entries there are from one position up to, and without, another. */
    private long count(Session session, Found found, long from, long to) {
        long counted = 0;
        long at = Math.max(from, found.first());
        while (at < to) {
            if (counted >= COUNTED) {
                return counted + estimate(found, at, to);
            }
            List<Object> page = page(session, found, at, to, PAGE);
            long here = (Long) page.get(0);
            counted += here;
            if (here < PAGE) {
                return counted;
            }
            at = EntryPosition.of(text(page, 1)) + 1;
        }
        return counted;
    }

    private static long estimate(Found found, long from, long to) {
        double part = (double) (to - from) / Math.max(1, found.end() - found.first());
        return Math.round(part * found.length());
    }

    private List<Object> page(Session session, Found found, long from, long to, int most) {
        return answers.of(Scripts.page(
                session,
                keys.stream(topic(), found.partition()),
                EntryPosition.id(from),
                EntryPosition.id(Math.max(from, to - 1)),
                most));
    }

    private String topic() {
        return context.subscription().topic();
    }

    private String group() {
        return context.subscription().group();
    }

    private String subject() {
        return "group '" + group() + "' in topic '" + topic() + "'";
    }

    private <T> T explained(String attempt, Function<Session, T> work) {
        try {
            return work.apply(answers.of(context.line().session()));
        } catch (RedisException | TransportException e) {
            throw new TransportException(attempt + ": " + Failures.reason(e), e);
        }
    }
}
