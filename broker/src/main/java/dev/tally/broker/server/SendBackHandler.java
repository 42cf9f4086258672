package dev.tally.broker.server;

import dev.tally.broker.message.Delays;
import dev.tally.broker.message.NewMessages;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.MessageProperties;
import dev.tally.broker.protocol.OffsetMessageId;
import dev.tally.broker.protocol.PropertyNames;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.SendBackRequest;
import dev.tally.broker.protocol.WireMessage;
import dev.tally.broker.request.RequestHandler;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.StoredMessage;
import dev.tally.broker.topic.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer sends a message back that it could not handle.
 *
 * <ol>
 *   <li>Look the message up by its position. What no consumer can have seen is not sent back.
 *   <li>Copy it into the group's retry topic with a delay that grows, or, after the last try, into its dead letters; the
 *       latter once, however often it is sent back.
 *   <li>Answer when the copy is durable; only then does the consumer let go of the original.
 * </ol>
 */
final class SendBackHandler implements RequestHandler {

    private static final Logger log = LoggerFactory.getLogger(SendBackHandler.class);

    private final MessageStore store;
    private final ServerSettings settings;
    private final Topics topics;
    private final Retries retries;
    private final DeadLetters deadLetters;
    private final Delays delays;
    private final Executor reads;
    private final InstantSource clock;
    private final RandomGenerator random;

    SendBackHandler(
            MessageStore store,
            ServerSettings settings,
            Topics topics,
            Retries retries,
            Delays delays,
            Executor reads,
            InstantSource clock,
            RandomGenerator random) {
        this.store = store;
        this.settings = settings;
        this.topics = topics;
        this.retries = retries;
        this.deadLetters = new DeadLetters(store);
        this.delays = delays;
        this.reads = reads;
        this.clock = clock;
        this.random = random;
    }

    @Override
    public CompletableFuture<Answer> handle(Connection connection, Command request) {
        SendBackRequest back = SendBackRequest.from(request.fields());
        return CompletableFuture.completedFuture(back).thenComposeAsync(this::copy, reads);
    }

    private CompletableFuture<Answer> copy(SendBackRequest back) {
        StoredMessage stored = store.messageAt(back.position());
        if (stored == null || stored.queueOffset() < 0) {
            return CompletableFuture.completedFuture(Answer.refused(
                    ResponseCode.SYSTEM_ERROR,
                    "Cannot take back a message from group " + back.group() + ": no visible message stands at position "
                            + back.position()));
        }
        WireMessage message = MessageEncoding.decode(stored.payload());
        Retries.Target target = retries.targetOf(
                back.group(), message.reconsumeTimes(), back.maxReconsumeTimes(), back.delayLevel() < 0);
        MessageProperties properties = message.properties()
                .withAbsent(PropertyNames.RETRY_TOPIC, message.topic())
                .withAbsent(
                        PropertyNames.ORIGIN_MESSAGE_ID, OffsetMessageId.format(settings.storeHost(), back.position()));
        Duration delay = Duration.ZERO;
        if (target.deadLetter()) {
            properties = Retries.withOrigin(
                            properties,
                            properties.getOrDefault(PropertyNames.RETRY_TOPIC, message.topic()),
                            properties.get(PropertyNames.ORIGIN_MESSAGE_ID))
                    .with(PropertyNames.DEAD_LETTER_SOURCE, Long.toString(back.position()));
            log.info(
                    "Message goes to the dead letters; group={} topic={} position={} reconsumeTimes={}",
                    back.group(),
                    message.topic(),
                    back.position(),
                    message.reconsumeTimes());
        } else {
            delay = back.delayLevel() > 0
                    ? delays.ofLevel(back.delayLevel())
                    : delays.ofRetry(message.reconsumeTimes());
        }
        Topics.Creation topic = topics.ensure(target.topic());
        NewMessage again = NewMessages.of(
                new WireMessage(
                        topic.config().name(),
                        random.nextInt(topic.config().writeQueues()),
                        message.flag(),
                        message.sysFlag(),
                        message.bornAtMillis(),
                        message.bornHost(),
                        clock.millis(),
                        settings.storeHost(),
                        message.reconsumeTimes() + 1,
                        message.body(),
                        properties),
                delay);
        CompletableFuture<?> moved = target.deadLetter()
                ? deadLetters.moveOnce(back.group(), back.position(), () -> store.append(List.of(again)))
                : store.append(List.of(again));
        return moved.thenCombine(topic.durable(), (appended, durable) -> Answer.ok());
    }
}
