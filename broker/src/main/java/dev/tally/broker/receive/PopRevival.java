package dev.tally.broker.receive;

import dev.tally.broker.env.Round;
import dev.tally.broker.message.NewMessages;
import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.MessageProperties;
import dev.tally.broker.protocol.OffsetMessageId;
import dev.tally.broker.protocol.PropertyNames;
import dev.tally.broker.protocol.WireMessage;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.store.EndedPop;
import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.PopReceipt;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.StoredMessage;
import dev.tally.broker.topic.GroupTopics;
import dev.tally.broker.topic.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives messages to somebody else that a consumer did not acknowledge in time.
 *
 * <ol>
 *   <li>Take the deliveries whose time is over from the store, a bounded number in each round.
 *   <li>In order, the queue is free again: who waits for it wakes.
 *   <li>Else copy the message into the group's retry topic for that topic, or, after the last try, into its dead letters.
 *   <li>The store writes the copy and ends the delivery in one step, unless an acknowledgement came first.
 * </ol>
 */
final class PopRevival implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(PopRevival.class);
    private static final int AT_ONCE = 256;
    private static final int POLLS_IN_A_ROUND = 16;

    private final MessageStore store;
    private final ServerSettings settings;
    private final Topics topics;
    private final HeldPops held;
    private final InstantSource clock;
    private final Round round;

    PopRevival(
            MessageStore store,
            ServerSettings settings,
            Topics topics,
            HeldPops held,
            Executor reads,
            InstantSource clock) {
        this.store = store;
        this.settings = settings;
        this.topics = topics;
        this.held = held;
        this.clock = clock;
        this.round = new Round("ended pops", reads, this::endDue);
    }

    /** Starts a round unless the last one is still under way. */
    @Override
    public void run() {
        round.run();
    }

    private void endDue() {
        for (int poll = 0; poll < POLLS_IN_A_ROUND; poll++) {
            List<EndedPop> ended = store.pollEndedPops(AT_ONCE);
            ended.forEach(this::endOrLeave);
            if (ended.size() < AT_ONCE) {
                return;
            }
        }
    }

    /** One that cannot be read, or not be written again, must not keep those behind it from their turn. */
    private void endOrLeave(EndedPop ended) {
        try {
            end(ended);
        } catch (RuntimeException e) {
            notEnded(ended.receipt(), e);
        }
    }

    private void end(EndedPop ended) {
        PopReceipt receipt = ended.receipt();
        if (ended.ordered()) {
            held.look(receipt.group(), receipt.topic());
            return;
        }
        StoredMessage message = read(receipt);
        var unused = store.endPop(receipt, message == null ? null : copy(receipt, message))
                .handle((done, failure) -> {
                    if (failure != null) {
                        notEnded(receipt, failure);
                    }
                    return done;
                });
    }

    private static void notEnded(PopReceipt receipt, Throwable failure) {
        log.warn(
                "Cannot deliver a message again that was not acknowledged; tried again in a few seconds: group={} topic={} queue={} offset={}",
                receipt.group(),
                receipt.topic(),
                receipt.queueId(),
                receipt.offset(),
                failure);
    }

    /** {@code null} where retention removed the message, whose topic does not keep what is not consumed. */
    private @Nullable StoredMessage read(PopReceipt receipt) {
        ReadResult found = store.read(
                receipt.topic(), receipt.queueId(), receipt.offset(), 1, Integer.MAX_VALUE, tagsHash -> true);
        List<StoredMessage> messages = found.messages();
        return messages.isEmpty() || messages.get(0).queueOffset() != receipt.offset() ? null : messages.get(0);
    }

    private NewMessage copy(PopReceipt receipt, StoredMessage stored) {
        WireMessage message = MessageEncoding.decode(stored.payload());
        GroupConfig group = GroupTopics.config(store, receipt.group());
        boolean deadLetter = message.reconsumeTimes() >= group.maxReconsume();
        MessageProperties properties = message.properties()
                .withAbsent(PropertyNames.FIRST_POP_MILLIS, Long.toString(receipt.popMillis()))
                .withAbsent(
                        PropertyNames.ORIGIN_MESSAGE_ID,
                        OffsetMessageId.format(settings.storeHost(), stored.position()));
        Topics.Creation target;
        if (deadLetter) {
            properties = deadLetterProperties(receipt, stored, properties);
            target = topics.ensure(GroupTopics.deadLetterConfig(receipt.group()));
            log.info(
                    "Message goes to the dead letters; group={} topic={} position={} reconsumeTimes={}",
                    receipt.group(),
                    receipt.topic(),
                    stored.position(),
                    message.reconsumeTimes());
        } else {
            target = topics.ensure(GroupTopics.popRetryConfig(receipt.group(), receipt.topic()));
        }
        return NewMessages.of(
                new WireMessage(
                        target.config().name(),
                        0,
                        message.flag(),
                        message.sysFlag(),
                        message.bornAtMillis(),
                        message.bornHost(),
                        clock.millis(),
                        settings.storeHost(),
                        message.reconsumeTimes() + 1,
                        message.body(),
                        properties),
                Duration.ZERO);
    }

    private static MessageProperties deadLetterProperties(
            PopReceipt receipt, StoredMessage stored, MessageProperties properties) {
        String origin = GroupTopics.originOfPopRetry(receipt.group(), receipt.topic());
        MessageProperties noted = properties
                .withAbsent(PropertyNames.RETRY_TOPIC, origin)
                .with(PropertyNames.DEAD_LETTER_SOURCE, Long.toString(stored.position()));
        String first = noted.getOrDefault(PropertyNames.ORIGIN_MESSAGE_ID, "");
        return noted.with(PropertyNames.DEAD_LETTER_ORIGIN_TOPIC, noted.getOrDefault(PropertyNames.RETRY_TOPIC, origin))
                .with(PropertyNames.DEAD_LETTER_ORIGIN_MESSAGE_ID, first);
    }
}
