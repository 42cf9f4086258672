package dev.tally.broker.server;

import dev.tally.broker.message.Delays;
import dev.tally.broker.message.NewMessages;
import dev.tally.broker.message.Placed;
import dev.tally.broker.message.SentMessage;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.BatchBody;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.MalformedCommandException;
import dev.tally.broker.protocol.MessageProperties;
import dev.tally.broker.protocol.OffsetMessageId;
import dev.tally.broker.protocol.PropertyNames;
import dev.tally.broker.protocol.RecallHandle;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.SendRequest;
import dev.tally.broker.protocol.SendResponse;
import dev.tally.broker.protocol.WireMessage;
import dev.tally.broker.request.RequestHandler;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.store.Appended;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.NewHalf;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.topic.GroupTopics;
import dev.tally.broker.topic.Topics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A producer sends one message, a batch, or a half message.
 *
 * <ol>
 *   <li>Find or create the topic. A message for a retry topic may go to the dead letters instead.
 *   <li>Check permission, queue and sizes.
 *   <li>Append at once, on the connection's thread: that keeps the order of a connection, also behind a topic that is
 *       just being created.
 *   <li>Answer when topic and message are durable, on the connection's thread: the store's has the next batch to write.
 * </ol>
 */
final class SendHandler implements RequestHandler {

    private static final int WRITABLE = 2;

    private final MessageStore store;
    private final ServerSettings settings;
    private final Topics topics;
    private final Retries retries;
    private final Delays delays;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final RecentSends recent;

    SendHandler(
            MessageStore store,
            ServerSettings settings,
            Topics topics,
            Retries retries,
            Delays delays,
            InstantSource clock,
            RandomGenerator random,
            RecentSends recent) {
        this.store = store;
        this.settings = settings;
        this.topics = topics;
        this.retries = retries;
        this.delays = delays;
        this.clock = clock;
        this.random = random;
        this.recent = recent;
    }

    @Override
    public CompletableFuture<Answer> handle(Connection connection, Command request) {
        SendRequest send = SendRequest.from(request);
        String complaint = Topics.complaintAbout(send.topic());
        if (complaint != null) {
            return refused(ResponseCode.INVALID_PARAMETER, send, complaint);
        }
        if (Topics.closedToProducers(send.topic())) {
            return refused(ResponseCode.NO_PERMISSION, send, "the topic's name is the protocol's own");
        }
        if (send.batch() && GroupTopics.isRetry(send.topic())) {
            return refused(ResponseCode.MESSAGE_ILLEGAL, send, "a retry topic takes single messages, no batch");
        }
        Retries.Target retry = GroupTopics.isRetry(send.topic()) ? retries.targetOf(send) : null;
        Topics.Creation topic =
                retry == null ? topics.forSend(send.topic(), send.defaultTopicQueues()) : topics.ensure(retry.topic());
        if (topic == null) {
            return refused(
                    ResponseCode.TOPIC_NOT_EXIST,
                    send,
                    "the topic does not exist and topics are not created by sending; create it first");
        }
        TopicConfig config = topic.config();
        if ((config.perm() & WRITABLE) == 0) {
            return refused(ResponseCode.NO_PERMISSION, send, "the topic is not writable");
        }
        boolean deadLetter = retry != null && retry.deadLetter();
        int queueId = deadLetter || send.queueId() < 0 ? random.nextInt(config.writeQueues()) : send.queueId();
        if (queueId >= config.writeQueues()) {
            return refused(
                    ResponseCode.INVALID_PARAMETER,
                    send,
                    "the topic has " + config.writeQueues() + " write queues and no queue " + queueId);
        }
        if (request.body().remaining() > settings.maxMessageBytes()
                || !request.body().hasRemaining()) {
            return refused(
                    ResponseCode.MESSAGE_ILLEGAL,
                    send,
                    "the body has " + request.body().remaining() + " bytes; 1 to " + settings.maxMessageBytes()
                            + " are allowed");
        }
        Origin origin = new Origin(connection, send, config.name(), queueId, request.oneWay());
        return append(origin, request.body(), deadLetter).thenCombine(topic.durable(), (answer, durable) -> answer);
    }

    private CompletableFuture<Answer> append(Origin origin, ByteBuffer body, boolean deadLetter) {
        SendRequest send = origin.send;
        if (send.batch()) {
            List<NewMessage> batch = BatchBody.decode(body).stream()
                    .map(entry -> origin.message(entry.flag(), entry.body(), entry.properties(), false))
                    .toList();
            if (batch.isEmpty()) {
                throw new MalformedCommandException("The batch for topic " + send.topic() + " is empty");
            }
            return store.append(batch)
                    .thenApplyAsync(
                            appended -> answer(origin.placed(appended), null, null), origin.connection.executor());
        }
        MessageProperties properties = deadLetter ? retries.deadLetterProperties(send) : forReplies(send.properties());
        NewMessage message = origin.message(send.flag(), body, properties, deadLetter);
        if (isHalf(send)) {
            return prepare(origin, message);
        }
        String uniqueKey = properties.get(PropertyNames.UNIQUE_KEY);
        // Nobody repeats what is not answered.
        return recent.append(origin.connection, origin.oneWay ? null : uniqueKey, message)
                .thenApplyAsync(
                        placed -> answer(List.of(placed), uniqueKey, recallHandle(message, placed, uniqueKey)),
                        origin.connection.executor());
    }

    /** Whoever replies to a request sends the reply to a topic that is named after the request's cluster. */
    private MessageProperties forReplies(MessageProperties properties) {
        return properties.get(PropertyNames.REPLY_TO_CLIENT) == null
                ? properties
                : properties.with(PropertyNames.CLUSTER, settings.cluster());
    }

    private @Nullable String recallHandle(NewMessage message, Placed placed, @Nullable String uniqueKey) {
        if (message.delay().isZero()) {
            return null;
        }
        String messageId =
                uniqueKey == null ? OffsetMessageId.format(settings.storeHost(), placed.position()) : uniqueKey;
        return new RecallHandle(
                        message.topic(),
                        settings.brokerName(),
                        clock.millis() + message.delay().toMillis(),
                        messageId,
                        placed.position())
                .format();
    }

    private CompletableFuture<Answer> prepare(Origin origin, NewMessage message) {
        MessageProperties properties = origin.send.properties();
        String uniqueKey = properties.get(PropertyNames.UNIQUE_KEY);
        NewHalf half = new NewHalf(
                message,
                properties.getOrDefault(PropertyNames.PRODUCER_GROUP, origin.send.producerGroup()),
                uniqueKey == null ? "" : uniqueKey,
                immunity(properties.get(PropertyNames.CHECK_IMMUNITY_SECONDS)),
                stored -> SentMessage.same(stored, message.payload()));
        return store.prepare(half)
                .thenApplyAsync(
                        appended -> answer(origin.placed(List.of(appended)), uniqueKey, null),
                        origin.connection.executor());
    }

    /** A consumer's retry of a message that once was a half message is none. */
    private static boolean isHalf(SendRequest send) {
        return Boolean.parseBoolean(send.properties().get(PropertyNames.TRANSACTION_PREPARED))
                && !GroupTopics.isRetry(send.topic());
    }

    private static @Nullable Duration immunity(@Nullable String seconds) {
        if (seconds == null || seconds.equals("-1")) {
            return null;
        }
        try {
            return Duration.ofSeconds(Math.max(0, Long.parseLong(seconds)));
        } catch (NumberFormatException e) {
            throw new MalformedCommandException(
                    "Property " + PropertyNames.CHECK_IMMUNITY_SECONDS + " is not a number", e);
        }
    }

    private Answer answer(List<Placed> placed, @Nullable String uniqueKey, @Nullable String recallHandle) {
        String ids = placed.stream()
                .map(one -> OffsetMessageId.format(settings.storeHost(), one.position()))
                .collect(Collectors.joining(","));
        Placed first = placed.get(0);
        SendResponse response = new SendResponse(ids, first.queueId(), first.queueOffset(), uniqueKey, recallHandle);
        return Answer.ok(response.toFields());
    }

    private static CompletableFuture<Answer> refused(int code, SendRequest send, String reason) {
        return CompletableFuture.completedFuture(Answer.refused(
                code,
                "Cannot take a message of group " + send.producerGroup() + " for topic " + send.topic() + " queue "
                        + send.queueId() + ": " + reason));
    }

    /** Where a send came from and where it goes. */
    private final class Origin {
        private final Connection connection;
        private final SendRequest send;
        private final String topic;
        private final int queueId;
        private final boolean oneWay;

        Origin(Connection connection, SendRequest send, String topic, int queueId, boolean oneWay) {
            this.connection = connection;
            this.send = send;
            this.topic = topic;
            this.queueId = queueId;
            this.oneWay = oneWay;
        }

        List<Placed> placed(List<Appended> appended) {
            return appended.stream().map(one -> Placed.of(queueId, one)).toList();
        }

        NewMessage message(int flag, ByteBuffer body, MessageProperties properties, boolean deadLetter) {
            WireMessage message = new WireMessage(
                    topic,
                    queueId,
                    flag,
                    send.sysFlag(),
                    send.bornAtMillis(),
                    connection.remoteAddress(),
                    clock.millis(),
                    settings.storeHost(),
                    send.reconsumeTimes(),
                    body,
                    properties);
            return NewMessages.of(message, deadLetter ? Duration.ZERO : delays.of(properties));
        }
    }
}
