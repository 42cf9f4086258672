package dev.tally.transport.rocketmq;

import dev.tally.half.OpenHalf;
import dev.tally.message.MessageId;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.common.MixAll;
import org.apache.rocketmq.common.filter.ExpressionType;
import org.apache.rocketmq.common.message.MessageClientExt;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.sysflag.PullSysFlag;
import org.apache.rocketmq.common.topic.TopicValidator;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.jspecify.annotations.Nullable;

/**
 * The topic into which a broker of RocketMQ copies the half messages that it has given up asking about. It is a log: a
 * half message stays in it after it is decided, until the broker's retention removes it. Thread-safe.
 */
final class ParkedTopic {

    /** How many of the newest messages of the topic are looked at, of all producer groups together. */
    static final int LOOKED_AT = 2_000;

    private static final int QUEUE = 0;
    private static final int BATCH = 32;
    private static final int SUBSCRIPTION_INCLUDED = PullSysFlag.buildSysFlag(false, false, true, false);

    private final TallyProducer producer;

    ParkedTopic(TallyProducer producer) {
        this.producer = producer;
    }

    /** The producer group's half messages in there, the oldest first; each once, as it was parked last. */
    List<OpenHalf> newest(String brokerName, String address)
            throws RemotingException, MQBrokerException, InterruptedException {
        long end = offset(address, RequestCode.GET_MAX_OFFSET);
        long next = Math.max(offset(address, RequestCode.GET_MIN_OFFSET), end - LOOKED_AT);
        Map<MessageId, OpenHalf> parked = new LinkedHashMap<>();
        while (next < end) {
            RemotingCommand answer = pull(address, next);
            long following = nextOf(answer, next);
            if (answer.getCode() == ResponseCode.SUCCESS && answer.getBody() != null) {
                for (MessageExt message : MessageDecoder.decodes(ByteBuffer.wrap(answer.getBody()))) {
                    OpenHalf half = half(message, brokerName, address);
                    if (half != null) {
                        parked.remove(half.messageId());
                        parked.put(half.messageId(), half);
                    }
                }
            } else if (following <= next) {
                throw new MQBrokerException(answer.getCode(), answer.getRemark());
            }
            next = Math.max(following, next + 1);
        }
        return new ArrayList<>(parked.values());
    }

    /** An end of the topic's queue, 0 where the broker has not parked anything yet. */
    private long offset(String address, int code) throws RemotingException, InterruptedException, MQBrokerException {
        RemotingCommand answer = producer.ask(
                address,
                code,
                Map.of("topic", TopicValidator.RMQ_SYS_TRANS_CHECK_MAX_TIME_TOPIC, "queueId", Integer.toString(QUEUE)));
        if (answer.getCode() == ResponseCode.TOPIC_NOT_EXIST) {
            return 0;
        }
        String offset =
                answer.getExtFields() == null ? null : answer.getExtFields().get("offset");
        if (answer.getCode() != ResponseCode.SUCCESS || offset == null) {
            throw new MQBrokerException(answer.getCode(), answer.getRemark());
        }
        return Math.max(0, Long.parseLong(offset));
    }

    private RemotingCommand pull(String address, long offset) throws RemotingException, InterruptedException {
        return producer.ask(
                address,
                RequestCode.PULL_MESSAGE,
                Map.ofEntries(
                        Map.entry("consumerGroup", MixAll.TOOLS_CONSUMER_GROUP),
                        Map.entry("topic", TopicValidator.RMQ_SYS_TRANS_CHECK_MAX_TIME_TOPIC),
                        Map.entry("queueId", Integer.toString(QUEUE)),
                        Map.entry("queueOffset", Long.toString(offset)),
                        Map.entry("maxMsgNums", Integer.toString(BATCH)),
                        Map.entry("sysFlag", Integer.toString(SUBSCRIPTION_INCLUDED)),
                        Map.entry("commitOffset", "0"),
                        Map.entry("suspendTimeoutMillis", "0"),
                        Map.entry("subscription", "*"),
                        Map.entry("subVersion", "0"),
                        Map.entry("expressionType", ExpressionType.TAG)));
    }

    private static long nextOf(RemotingCommand answer, long asked) {
        String next =
                answer.getExtFields() == null ? null : answer.getExtFields().get("nextBeginOffset");
        return next == null ? asked : Long.parseLong(next);
    }

    private @Nullable OpenHalf half(MessageExt message, String brokerName, String address) {
        String id = message.getUserProperty(MessageTranslation.ID);
        String transaction = message.getUserProperty(MessageTranslation.TRANSACTION);
        String group = message.getProperty(MessageConst.PROPERTY_PRODUCER_GROUP);
        if (id == null || transaction == null || !producer.getProducerGroup().equals(group)) {
            return null; // another service's
        }
        String topic = message.getProperty(MessageConst.PROPERTY_REAL_TOPIC);
        String checks = message.getProperty(MessageConst.PROPERTY_TRANSACTION_CHECK_TIMES);
        MessageId messageId = new MessageId(id);
        return new OpenHalf(
                messageId,
                transaction,
                topic == null ? "" : topic,
                message.getUserProperty(MessageTranslation.KEY),
                true,
                Instant.ofEpochMilli(message.getBornTimestamp()),
                checks == null ? 0 : Integer.parseInt(checks),
                new ParkedHalf(messageId, brokerName, address, offsetMessageIdOf(message)));
    }

    private static String offsetMessageIdOf(MessageExt message) {
        return message instanceof MessageClientExt client ? client.getOffsetMsgId() : message.getMsgId();
    }
}
