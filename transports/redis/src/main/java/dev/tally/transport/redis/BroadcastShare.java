package dev.tally.transport.redis;

import dev.tally.consume.dispatch.KeyedDispatcher;
import dev.tally.transport.Subscription;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** All partitions of a topic, from what comes while the member is there. */
final class BroadcastShare implements Share {

    private final Subscription subscription;
    private final KeyedDispatcher dispatcher;
    private final EntryTranslation translation;
    private final RedisKeys keys;
    private final Topics topics;
    private final Answers answers;
    private final Runnable wake;
    private final List<BroadcastPartition> partitions = new ArrayList<>();
    private boolean begun;

    BroadcastShare(
            Subscription subscription,
            KeyedDispatcher dispatcher,
            EntryTranslation translation,
            RedisKeys keys,
            Topics topics,
            Answers answers,
            Runnable wake) {
        this.subscription = subscription;
        this.dispatcher = dispatcher;
        this.translation = translation;
        this.keys = keys;
        this.topics = topics;
        this.answers = answers;
        this.wake = wake;
    }

    @Override
    public Collection<? extends PartitionSource> sources() {
        return partitions;
    }

    @Override
    public void look() {
        // Nothing runs out.
    }

    @Override
    public void settle(Session session) {
        // Nothing is given away.
    }

    @Override
    public void tick(Session session) {
        int count = answers.of(topics.ask(session, subscription.topic()));
        List<String> cursors = new ArrayList<>();
        for (int number = partitions.size(); number < count; number++) {
            // A partition that is added later is read from its beginning: all of it comes while the member is there.
            cursors.add(begun ? StreamEntry.BEGINNING : lastId(session, keys.stream(subscription.topic(), number)));
        }
        for (String cursor : cursors) {
            int number = partitions.size();
            byte[] stream = keys.stream(subscription.topic(), number);
            partitions.add(new BroadcastPartition(number, stream, subscription, translation, dispatcher, cursor, wake));
        }
        begun = true;
    }

    private String lastId(Session session, byte[] stream) {
        return answers
                .of(session.commands()
                        .xrevrange(stream, Range.unbounded(), Limit.from(1))
                        .toCompletableFuture())
                .stream()
                .findFirst()
                .map(message -> message.getId())
                .orElse(StreamEntry.BEGINNING);
    }

    @Override
    public void leave(Session session) {
        // Nobody waits for what it had.
    }
}
