package dev.tally.broker.receive;

import dev.tally.broker.message.StoredMessages;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.MessageProperties;
import dev.tally.broker.protocol.PopRequest;
import dev.tally.broker.protocol.PropertyNames;
import dev.tally.broker.protocol.ReceiptHandle;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.WireMessage;
import dev.tally.broker.store.Popped;
import dev.tally.broker.store.StoredMessage;
import dev.tally.broker.topic.GroupTopics;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds the answer to a pop. Clients make the receipt of a message from the answer's fields. What those cannot say, a
 * retry that shows itself under its first topic, or a queue with a pop time of its own, carries its receipt with it.
 */
final class PopAnswer {

    private final PopRequest wanted;
    private final String brokerName;
    private final long popMillis;
    private final List<StoredMessage> messages = new ArrayList<>();
    private final StringBuilder starts = new StringBuilder();
    private final StringBuilder offsets = new StringBuilder();
    private final StringBuilder redeliveries = new StringBuilder();
    private long rest;

    PopAnswer(PopRequest wanted, String brokerName, long popMillis) {
        this.wanted = wanted;
        this.brokerName = brokerName;
        this.popMillis = popMillis;
    }

    int size() {
        return messages.size();
    }

    int bytes() {
        int bytes = 0;
        for (StoredMessage message : messages) {
            bytes += message.payload().remaining();
        }
        return bytes;
    }

    void add(PopQueues.Queue queue, Popped popped) {
        rest += popped.rest();
        if (popped.messages().isEmpty()) {
            return;
        }
        boolean retry = !queue.topic().equals(wanted.topic());
        boolean carried = retry || popped.popMillis() != popMillis;
        long first = popped.messages().get(0).message().queueOffset();
        String mark = GroupTopics.isRetry(queue.topic()) ? ReceiptHandle.RETRY : ReceiptHandle.PLAIN;
        List<String> queueOffsets = new ArrayList<>();
        int leastRedelivered = Integer.MAX_VALUE;
        for (Popped.Message message : popped.messages()) {
            long offset = message.message().queueOffset();
            queueOffsets.add(Long.toString(offset));
            leastRedelivered = Math.min(leastRedelivered, message.redelivered());
            if (message.redelivered() > 0) {
                append(redeliveries, mark, "qo" + queue.queueId() + "%" + offset, message.redelivered());
            }
            ReceiptHandle receipt = new ReceiptHandle(
                    first,
                    popped.popMillis(),
                    wanted.invisibleMillis(),
                    reviveQueue(),
                    mark,
                    brokerName,
                    queue.queueId(),
                    offset);
            messages.add(carried ? carrying(message, receipt) : message.message());
        }
        append(starts, mark, Integer.toString(queue.queueId()), first);
        append(offsets, mark, Integer.toString(queue.queueId()), String.join(",", queueOffsets));
        append(redeliveries, mark, Integer.toString(queue.queueId()), leastRedelivered);
    }

    private static void append(StringBuilder text, String mark, String key, Object value) {
        if (!text.isEmpty()) {
            text.append(';');
        }
        text.append(mark).append(' ').append(key).append(' ').append(value);
    }

    private int reviveQueue() {
        return wanted.ordered() ? ReceiptHandle.ORDERED : 0;
    }

    private StoredMessage carrying(Popped.Message popped, ReceiptHandle receipt) {
        StoredMessage stored = popped.message();
        WireMessage message = MessageEncoding.decode(stored.payload());
        MessageProperties properties = message.properties().with(PropertyNames.POP_RECEIPT, receipt.text());
        WireMessage shown = new WireMessage(
                wanted.topic(),
                message.queueId(),
                message.flag(),
                message.sysFlag(),
                message.bornAtMillis(),
                message.bornHost(),
                message.storedAtMillis(),
                message.storeHost(),
                Math.max(message.reconsumeTimes(), popped.redelivered()),
                message.body(),
                properties);
        return new StoredMessage(
                wanted.topic(),
                stored.queueId(),
                stored.position(),
                stored.queueOffset(),
                stored.tagsHash(),
                stored.storedAtMillis(),
                stored.half(),
                stored.lateMillis(),
                MessageEncoding.encode(shown));
    }

    Answer found() {
        return new Answer(
                ResponseCode.SUCCESS,
                "FOUND",
                Fields.of(
                        "popTime",
                        popMillis,
                        "invisibleTime",
                        wanted.invisibleMillis(),
                        "reviveQid",
                        reviveQueue(),
                        "restNum",
                        rest,
                        "startOffsetInfo",
                        starts,
                        "msgOffsetInfo",
                        offsets,
                        "orderCountInfo",
                        wanted.ordered() ? redeliveries : null),
                StoredMessages.body(messages));
    }

    Answer nothing(int code) {
        return new Answer(
                code,
                "NO_MESSAGE_IN_QUEUE",
                Fields.of(
                        "popTime",
                        popMillis,
                        "invisibleTime",
                        wanted.invisibleMillis(),
                        "reviveQid",
                        reviveQueue(),
                        "restNum",
                        rest),
                Command.noBody());
    }
}
