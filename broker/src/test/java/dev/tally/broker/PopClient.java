package dev.tally.broker;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.AckCallback;
import org.apache.rocketmq.client.consumer.AckResult;
import org.apache.rocketmq.client.consumer.PopCallback;
import org.apache.rocketmq.client.consumer.PopResult;
import org.apache.rocketmq.client.impl.MQClientAPIImpl;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.constant.ConsumeInitMode;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageRequestMode;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.header.AckMessageRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.ChangeInvisibleTimeRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.ExtraInfoUtil;
import org.apache.rocketmq.remoting.protocol.header.NotificationRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.PollingInfoRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.PopMessageRequestHeader;

/** The official client's calls below its consumers. */
public final class PopClient {

    private static final long TIMEOUT_MILLIS = 60_000;

    private final MQClientAPIImpl api;
    private final String address;
    private final String topic;
    private final String group;
    private final String brokerName;

    public PopClient(DefaultMQProducer producer, String address, String topic, String group) {
        this(producer, "tally", address, topic, group);
    }

    /**
     * @param producer whose connections carry the calls
     * @param brokerName that of the broker at the address
     */
    public PopClient(DefaultMQProducer producer, String brokerName, String address, String topic, String group) {
        this.api = producer.getDefaultMQProducerImpl().getMqClientFactory().getMQClientAPIImpl();
        this.address = address;
        this.topic = topic;
        this.group = group;
        this.brokerName = brokerName;
    }

    public void setMode(MessageRequestMode mode) throws Exception {
        api.setMessageRequestMode(address, topic, group, mode, 0, TIMEOUT_MILLIS);
    }

    public PopResult pop(int queueId, int max, long invisibleMillis, long pollMillis, boolean ordered, String tags)
            throws Exception {
        return popAsync(queueId, max, invisibleMillis, pollMillis, ordered, tags)
                .get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    }

    public CompletableFuture<PopResult> popAsync(
            int queueId, int max, long invisibleMillis, long pollMillis, boolean ordered, String tags)
            throws Exception {
        PopMessageRequestHeader header = new PopMessageRequestHeader();
        header.setConsumerGroup(group);
        header.setTopic(topic);
        header.setQueueId(queueId);
        header.setMaxMsgNums(max);
        header.setInvisibleTime(invisibleMillis);
        header.setPollTime(pollMillis);
        header.setBornTime(System.currentTimeMillis());
        header.setInitMode(ConsumeInitMode.MIN);
        header.setExpType("TAG");
        header.setExp(tags == null ? "*" : tags);
        header.setOrder(ordered);
        CompletableFuture<PopResult> result = new CompletableFuture<>();
        api.popMessageAsync(brokerName, address, header, TIMEOUT_MILLIS, new PopCallback() {
            @Override
            public void onSuccess(PopResult popResult) {
                result.complete(popResult);
            }

            @Override
            public void onException(Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    public AckResult acknowledge(MessageExt message) throws Exception {
        return acknowledge(
                message.getQueueId(), message.getQueueOffset(), message.getProperty(MessageConst.PROPERTY_POP_CK));
    }

    public AckResult acknowledge(int queueId, long offset, String receipt) throws Exception {
        AckMessageRequestHeader header = new AckMessageRequestHeader();
        header.setConsumerGroup(group);
        header.setTopic(ExtraInfoUtil.getRealTopic(ExtraInfoUtil.split(receipt), topic, group));
        header.setQueueId(queueId);
        header.setOffset(offset);
        header.setExtraInfo(receipt);
        Acknowledged acknowledged = new Acknowledged();
        api.ackMessageAsync(address, TIMEOUT_MILLIS, acknowledged, header);
        return acknowledged.result.get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    }

    public AckResult acknowledgeAll(List<MessageExt> messages) throws Exception {
        List<String> receipts = messages.stream()
                .map(message -> message.getProperty(MessageConst.PROPERTY_POP_CK))
                .toList();
        Acknowledged acknowledged = new Acknowledged();
        api.batchAckMessageAsync(address, TIMEOUT_MILLIS, acknowledged, topic, group, receipts);
        return acknowledged.result.get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    }

    public AckResult changeInvisibleTime(MessageExt message, long invisibleMillis) throws Exception {
        String receipt = message.getProperty(MessageConst.PROPERTY_POP_CK);
        ChangeInvisibleTimeRequestHeader header = new ChangeInvisibleTimeRequestHeader();
        header.setConsumerGroup(group);
        header.setTopic(ExtraInfoUtil.getRealTopic(ExtraInfoUtil.split(receipt), topic, group));
        header.setQueueId(message.getQueueId());
        header.setOffset(message.getQueueOffset());
        header.setExtraInfo(receipt);
        header.setInvisibleTime(invisibleMillis);
        Acknowledged acknowledged = new Acknowledged();
        api.changeInvisibleTimeAsync(brokerName, address, header, TIMEOUT_MILLIS, acknowledged);
        return acknowledged.result.get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Completes with whether there is something to pop. */
    public CompletableFuture<Boolean> notification(long pollMillis) {
        NotificationRequestHeader header = new NotificationRequestHeader();
        header.setConsumerGroup(group);
        header.setTopic(topic);
        header.setQueueId(-1);
        header.setPollTime(pollMillis);
        header.setBornTime(System.currentTimeMillis());
        RemotingCommand request = RemotingCommand.createRequestCommand(RequestCode.NOTIFICATION, header);
        return CompletableFuture.supplyAsync(() -> {
            try {
                RemotingCommand response = api.getRemotingClient().invokeSync(address, request, TIMEOUT_MILLIS);
                return Boolean.parseBoolean(response.getExtFields().get("hasMsg"));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** How many wait at a queue. */
    public int waiting(int queueId) throws Exception {
        PollingInfoRequestHeader header = new PollingInfoRequestHeader();
        header.setConsumerGroup(group);
        header.setTopic(topic);
        header.setQueueId(queueId);
        RemotingCommand request = RemotingCommand.createRequestCommand(RequestCode.POLLING_INFO, header);
        RemotingCommand response = api.getRemotingClient().invokeSync(address, request, TIMEOUT_MILLIS);
        return Integer.parseInt(response.getExtFields().get("pollingNum"));
    }

    private static final class Acknowledged implements AckCallback {
        private final CompletableFuture<AckResult> result = new CompletableFuture<>();

        @Override
        public void onSuccess(AckResult ackResult) {
            result.complete(ackResult);
        }

        @Override
        public void onException(Throwable e) {
            result.completeExceptionally(e);
        }
    }
}
