package dev.tally.broker.server;

import dev.tally.broker.message.NewMessages;
import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.MessageProperties;
import dev.tally.broker.protocol.PropertyNames;
import dev.tally.broker.protocol.WireMessage;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.StoredMessage;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.topic.GroupTopics;
import dev.tally.broker.topic.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a group its dead letters once more.
 *
 * <ol>
 *   <li>Read some, from where the last replay ended.
 *   <li>Copy them into the group's retry topic, all or none: only this group sees them, as redeliveries of the topic that
 *       they came from, with their own ids and all tries before them again.
 *   <li>When the copies are durable, record how far the replay is, durably; then the next ones.
 * </ol>
 *
 * A crash between the last two steps makes the next replay copy the same few again; none is passed over. The dead letters
 * themselves stay. One replay of a group runs at a time.
 */
final class DeadLetterReplay {

    private static final Logger log = LoggerFactory.getLogger(DeadLetterReplay.class);
    private static final String PROGRESS_PREFIX = "CID_RMQ_SYS_REPLAY_";
    private static final int AT_ONCE = 64;
    private static final int READ_BYTES = 1024 * 1024;

    private final MessageStore store;
    private final Topics topics;
    private final Executor reads;
    private final InstantSource clock;

    DeadLetterReplay(MessageStore store, Topics topics, Executor reads, InstantSource clock) {
        this.store = store;
        this.topics = topics;
        this.reads = reads;
        this.clock = clock;
    }

    /** Replays what is there now; answers how many letters that was. */
    CompletableFuture<Long> replay(String group) {
        String letters = GroupTopics.deadLetter(group);
        long end = store.maxOffset(letters, 0);
        long start = Math.max(
                store.minOffset(letters, 0),
                store.committedOffset(PROGRESS_PREFIX + group, letters, 0).orElse(0));
        TopicConfig retry = GroupTopics.retryConfig(GroupTopics.config(store, group));
        return topics.ensure(retry)
                .durable()
                .thenComposeAsync(topic -> from(group, topic, start, end), reads)
                .thenApply(reached -> {
                    log.info("Dead letters replayed; group={} letters={}", group, reached - start);
                    return reached - start;
                });
    }

    private CompletableFuture<Long> from(String group, TopicConfig retry, long next, long end) {
        if (next >= end) {
            return CompletableFuture.completedFuture(next);
        }
        String letters = GroupTopics.deadLetter(group);
        int most = (int) Math.min(AT_ONCE, end - next);
        ReadResult found = store.read(letters, 0, next, most, READ_BYTES, hash -> true);
        if (found.nextOffset() <= next) {
            return CompletableFuture.completedFuture(next);
        }
        List<NewMessage> copies = found.messages().stream()
                .map(letter -> copy(letter, retry.name()))
                .toList();
        return store.append(copies)
                .thenCompose(durable -> store.commitOffset(PROGRESS_PREFIX + group, letters, 0, found.nextOffset()))
                .thenComposeAsync(recorded -> from(group, retry, found.nextOffset(), end), reads);
    }

    private NewMessage copy(StoredMessage letter, String retryTopic) {
        WireMessage message = MessageEncoding.decode(letter.payload());
        MessageProperties properties = message.properties()
                .without(PropertyNames.DEAD_LETTER_SOURCE)
                .without(PropertyNames.DEAD_LETTER_ORIGIN_TOPIC)
                .without(PropertyNames.DEAD_LETTER_ORIGIN_MESSAGE_ID);
        WireMessage again = new WireMessage(
                retryTopic,
                0,
                message.flag(),
                message.sysFlag(),
                message.bornAtMillis(),
                message.bornHost(),
                clock.millis(),
                message.storeHost(),
                0,
                message.body(),
                properties);
        return NewMessages.of(again, Duration.ZERO);
    }
}
