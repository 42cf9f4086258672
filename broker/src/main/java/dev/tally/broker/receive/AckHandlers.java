package dev.tally.broker.receive;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.AckRequest;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.BatchAck;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.ReceiptHandle;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.PopReceipt;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.topic.GroupTopics;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consumers end deliveries: the message is done, or it shall come again at another time. A delivery that is over cannot be
 * ended: the message was given to somebody else, or will be.
 */
final class AckHandlers {

    private static final Logger log = LoggerFactory.getLogger(AckHandlers.class);

    /** What the offsets of one request may add up to. */
    private static final int MOST_IN_A_BATCH = 16_384;

    private final MessageStore store;
    private final HeldPops held;

    AckHandlers(MessageStore store, HeldPops held) {
        this.store = store;
        this.held = held;
    }

    CompletableFuture<Answer> acknowledge(Connection connection, Command request) {
        AckRequest ack = AckRequest.from(request.fields());
        Answer refusal = refusal(ack);
        if (refusal != null) {
            return CompletableFuture.completedFuture(refusal);
        }
        return store.acknowledge(List.of(receipt(ack))).thenApply(done -> {
            if (!done.get(0)) {
                return over("acknowledge", ack, Fields.none());
            }
            unblock(ack.handle().ordered(), ack.group(), ack.topic());
            return Answer.ok();
        });
    }

    /** What of a batch is over is left out; clients do not look at the single ones. */
    CompletableFuture<Answer> acknowledgeAll(Connection connection, Command request) {
        List<BatchAck> acks =
                request.body().hasRemaining() ? BatchAck.from(request.body(), MOST_IN_A_BATCH) : List.of();
        List<PopReceipt> receipts = new ArrayList<>();
        Set<BatchAck> ordered = new LinkedHashSet<>();
        for (BatchAck ack : acks) {
            String topic = realTopic(ack);
            if (ack.ordered()) {
                ordered.add(ack);
            }
            ack.offsets()
                    .forEach(offset ->
                            receipts.add(new PopReceipt(ack.group(), topic, ack.queueId(), offset, ack.popMillis())));
        }
        if (receipts.isEmpty()) {
            return CompletableFuture.completedFuture(
                    Answer.refused(ResponseCode.NO_MESSAGE, "Cannot acknowledge a batch: it names no message"));
        }
        return store.acknowledge(receipts).thenApply(done -> {
            long over = done.stream().filter(one -> !one).count();
            if (over > 0) {
                log.debug("Deliveries of a batch were over; count={} of={}", over, done.size());
            }
            ordered.forEach(ack -> unblock(true, ack.group(), realTopic(ack)));
            return Answer.ok();
        });
    }

    CompletableFuture<Answer> changeInvisibleTime(Connection connection, Command request) {
        AckRequest change = AckRequest.from(request.fields());
        long invisibleMillis = request.fields().requiredLongNumber("invisibleTime");
        Answer refusal = refusal(change);
        if (refusal != null) {
            return CompletableFuture.completedFuture(
                    new Answer(refusal.code(), refusal.remark(), fields(change, 0, 0), refusal.body()));
        }
        return store.extendPop(receipt(change), Math.max(0, invisibleMillis))
                .thenApply(extension -> extension == null
                        ? over("change the invisible time of", change, fields(change, 0, 0))
                        : Answer.ok(fields(change, extension.popMillis(), extension.invisibleMillis())));
    }

    /** Clients read the fields of a refusal as well. */
    private static Fields fields(AckRequest request, long popMillis, long invisibleMillis) {
        return Fields.of(
                "popTime",
                popMillis,
                "invisibleTime",
                invisibleMillis,
                "reviveQid",
                request.handle().reviveQueue());
    }

    /** Who waits for an ordered queue can have what comes next. */
    private void unblock(boolean ordered, String group, String topic) {
        if (ordered) {
            held.look(group, GroupTopics.originOfPopRetry(group, topic));
        }
    }

    private static String realTopic(BatchAck ack) {
        return ack.retry().equals(ReceiptHandle.PLAIN) ? ack.topic() : GroupTopics.popRetry(ack.group(), ack.topic());
    }

    private static PopReceipt receipt(AckRequest request) {
        return new PopReceipt(
                request.group(),
                request.topic(),
                request.queueId(),
                request.offset(),
                request.handle().popMillis());
    }

    private static Answer over(String what, AckRequest request, Fields fields) {
        return new Answer(
                ResponseCode.NO_MESSAGE,
                "Group " + request.group() + " cannot " + what + " the message at offset " + request.offset()
                        + " of topic " + request.topic() + " queue " + request.queueId()
                        + ": the delivery of pop time " + request.handle().popMillis()
                        + " is over; unless it was acknowledged, the message is delivered again",
                fields,
                Command.noBody());
    }

    private @Nullable Answer refusal(AckRequest request) {
        String attempt = "Group " + request.group() + " cannot end a delivery: ";
        TopicConfig topic = store.topic(request.topic());
        if (topic == null) {
            return Answer.refused(
                    ResponseCode.TOPIC_NOT_EXIST, attempt + "topic " + request.topic() + " does not exist");
        }
        if (request.queueId() < 0 || request.queueId() >= topic.readQueues()) {
            return Answer.refused(
                    ResponseCode.MESSAGE_ILLEGAL,
                    attempt + "topic " + request.topic() + " has " + topic.readQueues() + " read queues and no queue "
                            + request.queueId());
        }
        return null;
    }
}
