package dev.tally.transport.rocketmq;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Properties;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.common.MixAll;
import org.apache.rocketmq.common.filter.ExpressionType;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.sysflag.PullSysFlag;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.apache.rocketmq.remoting.protocol.body.ResetOffsetBody;
import org.jspecify.annotations.Nullable;

/** What a broker can be asked about the positions of one queue. Thread-safe. */
final class QueueRequests {

    /** No membership is needed for it, nothing is committed, and what a group was moved to is not taken from it. */
    private static final int LOOK_ONLY = PullSysFlag.buildSysFlag(false, false, true, false);

    private final TallyProducer producer;

    QueueRequests(TallyProducer producer) {
        this.producer = producer;
    }

    long first(String address, MessageQueue queue) throws RemotingException, InterruptedException, MQBrokerException {
        return Math.max(0, offset(producer.ask(address, RequestCode.GET_MIN_OFFSET, fields(queue))));
    }

    long end(String address, MessageQueue queue) throws RemotingException, InterruptedException, MQBrokerException {
        return Math.max(0, offset(producer.ask(address, RequestCode.GET_MAX_OFFSET, fields(queue))));
    }

    long firstFrom(String address, MessageQueue queue, Instant time)
            throws RemotingException, InterruptedException, MQBrokerException {
        Map<String, String> fields = fields(queue);
        fields.put("timestamp", Long.toString(Math.max(0, time.toEpochMilli())));
        return offset(producer.ask(address, RequestCode.SEARCH_OFFSET_BY_TIMESTAMP, fields));
    }

    /** Empty where the group has never acknowledged anything of the queue. */
    OptionalLong acknowledged(String address, MessageQueue queue, String group)
            throws RemotingException, InterruptedException, MQBrokerException {
        Map<String, String> fields = fields(queue);
        fields.put("consumerGroup", group);
        RemotingCommand answer = producer.ask(address, RequestCode.QUERY_CONSUMER_OFFSET, fields);
        return answer.getCode() == ResponseCode.QUERY_NOT_FOUND
                ? OptionalLong.empty()
                : OptionalLong.of(offset(answer));
    }

    /** When the message at a position was stored; {@code null} where it cannot be seen. */
    @Nullable Instant storedAt(String address, MessageQueue queue, long position) throws RemotingException, InterruptedException {
        Map<String, String> fields = fields(queue);
        fields.put("consumerGroup", MixAll.TOOLS_CONSUMER_GROUP);
        fields.put("queueOffset", Long.toString(position));
        fields.put("maxMsgNums", "1");
        fields.put("sysFlag", Integer.toString(LOOK_ONLY));
        fields.put("commitOffset", "0");
        fields.put("suspendTimeoutMillis", "0");
        fields.put("subscription", "*");
        fields.put("subVersion", "0");
        fields.put("expressionType", ExpressionType.TAG);
        RemotingCommand answer = producer.ask(address, RequestCode.PULL_MESSAGE, fields);
        if (answer.getCode() != ResponseCode.SUCCESS || answer.getBody() == null) {
            return null;
        }
        List<MessageExt> found = MessageDecoder.decodes(ByteBuffer.wrap(answer.getBody()), false);
        return found.isEmpty() ? null : Instant.ofEpochMilli(found.get(0).getStoreTimestamp());
    }

    /**
     * Whether the broker lets its clients reset positions themselves. Such a one looks at no queue and no position that it
     * is given, and moves all of the topic.
     */
    boolean resetsByItsClients(String address) throws RemotingException, InterruptedException {
        RemotingCommand answer = producer.ask(address, RequestCode.GET_BROKER_CONFIG, Map.of());
        if (answer.getCode() != ResponseCode.SUCCESS || answer.getBody() == null) {
            return false; // Not told to this account; what the reset answers will show it.
        }
        Properties configuration = new Properties();
        try {
            configuration.load(new StringReader(new String(answer.getBody(), StandardCharsets.UTF_8)));
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
        return "false".equals(configuration.getProperty("useServerSideResetOffset"));
    }

    /** Moves the group; the broker tells whoever has the queue with its next pull. */
    void reset(String address, MessageQueue queue, String group, long position)
            throws RemotingException, InterruptedException, MQBrokerException {
        Map<String, String> fields = fields(queue);
        fields.put("group", group);
        fields.put("offset", Long.toString(position));
        // Not looked at beside an offset. A broker that did would replay rather than skip.
        fields.put("timestamp", "0");
        fields.put("isForce", "true");
        RemotingCommand answer = producer.ask(address, RequestCode.INVOKE_BROKER_TO_RESET_OFFSET, fields);
        if (answer.getCode() != ResponseCode.SUCCESS) {
            throw new MQBrokerException(answer.getCode(), answer.getRemark());
        }
        Map<MessageQueue, Long> moved = answer.getBody() == null
                ? Map.of()
                : ResetOffsetBody.decode(answer.getBody(), ResetOffsetBody.class)
                        .getOffsetTable();
        if (moved.size() != 1 || !Objects.equals(moved.get(queue), position)) {
            throw new MQBrokerException(
                    ResponseCode.SYSTEM_ERROR, "it was asked for position " + position + ", and moved " + moved);
        }
    }

    private static Map<String, String> fields(MessageQueue queue) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("topic", queue.getTopic());
        fields.put("queueId", Integer.toString(queue.getQueueId()));
        return fields;
    }

    private static long offset(RemotingCommand answer) throws MQBrokerException {
        String offset =
                answer.getExtFields() == null ? null : answer.getExtFields().get("offset");
        if (answer.getCode() != ResponseCode.SUCCESS || offset == null) {
            throw new MQBrokerException(answer.getCode(), answer.getRemark());
        }
        return Long.parseLong(offset);
    }
}
