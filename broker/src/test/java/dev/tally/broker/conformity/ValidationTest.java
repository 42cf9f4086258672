package dev.tally.broker.conformity;

import static dev.tally.broker.OfficialClients.message;
import static dev.tally.broker.OfficialClients.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tally.broker.OfficialClients;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.apache.rocketmq.remoting.protocol.header.SendMessageRequestHeader;

/** What is refused, and with which code. */
class ValidationTest {

    private static final int MEGABYTE = 1024 * 1024;

    @OnEachTarget
    void takesTheLargestBodyAndRefusesALargerOne(Trial trial) throws Exception {
        String topic = trial.topic();
        try (OfficialClients clients = trial.clients(c -> {})) {
            DefaultMQProducer producer = clients.producer(trial.name());
            producer.setMaxMessageSize(64 * MEGABYTE);
            producer.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE);

            producer.send(new Message(topic, new byte[4 * MEGABYTE - 2048]));

            assertThat(Trial.refusal(() -> producer.send(new Message(topic, new byte[4 * MEGABYTE + 1]))))
                    .isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
        }
    }

    @OnEachTarget
    void takesPropertiesUpToTheirLimitAndRefusesMore(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<MessageExt> got = trial.clients().consumed(trial.name(), topic, "*");
        Message fits = message(topic, "t", "fits");
        fits.putUserProperty("long", "x".repeat(30_000));
        producer.send(fits);
        Message tooMuch = message(topic, "t", "too much");
        tooMuch.putUserProperty("long", "x".repeat(33_000));

        assertThat(Trial.refusal(() -> producer.send(tooMuch))).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);

        Trial.eventually(() -> got.size() == 1);
        assertThat(got.get(0).getUserProperty("long")).hasSize(30_000);
    }

    @OnEachTarget
    void refusesAQueueThatDoesNotExist(Trial trial) throws Exception {
        String topic = trial.topic(2);
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        MessageQueue last = producer.fetchPublishMessageQueues(topic).get(1);
        MessageQueue none = new MessageQueue(topic, last.getBrokerName(), 2);
        assertThat(Trial.refusal(() -> producer.send(message(topic, "t", "x"), none)))
                .isEqualTo(ResponseCode.INVALID_PARAMETER);
    }

    @OnEachTarget
    void refusesATopicNameWithOtherCharacters(Trial trial) throws Exception {
        for (String name : List.of("with space", "dot.ted", "slash/ed", "umläut", "x".repeat(128))) {
            assertThat(trial.call(rawSend(name, 0, "body".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                            .getCode())
                    .as(name)
                    .isEqualTo(ResponseCode.INVALID_PARAMETER);
        }
    }

    @OnEachTarget
    void refusesToSendToTopicsOfTheSystem(Trial trial) throws Exception {
        for (String name : List.of("SCHEDULE_TOPIC_XXXX", "RMQ_SYS_TRANS_HALF_TOPIC", "RMQ_SYS_TRANS_OP_HALF_TOPIC")) {
            assertThat(trial.call(rawSend(name, 0, new byte[] {1})).getCode())
                    .as(name)
                    .isEqualTo(ResponseCode.NO_PERMISSION);
        }
    }

    @OnEachTarget
    void refusesABatchForARetryTopic(Trial trial) throws Exception {
        String topic = "%RETRY%" + trial.name();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<Message> batch = new ArrayList<>(List.of(message(topic, "t", "a"), message(topic, "t", "b")));
        assertThat(catchThrowable(() -> producer.send(batch)))
                .isInstanceOf(MQClientException.class)
                .hasCauseInstanceOf(UnsupportedOperationException.class);

        RemotingCommand request = rawSend(topic, 0, MessageDecoder.encodeMessages(batch), true);

        assertThat(trial.call(request).getCode()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    }

    @OnEachTarget
    void takesNamesWithAllTheCharactersThatAreAllowed(Trial trial) throws Exception {
        String topic = trial.name() + "_aZ09-%|";
        DefaultMQProducer producer = trial.clients().producer(trial.name() + "_aZ09-%|");
        var unused = producer.send(message(topic, "t", "first"));
        var alsoUnused = trial.awaitRoute(topic);
        List<MessageExt> got = trial.clients().consumed(trial.name() + "_aZ09-%|", topic, "*");
        Trial.eventually(() -> got.size() == 1);
        assertThat(text(got.get(0))).isEqualTo("first");
    }

    @OnEachTarget
    void saysThatThereIsNoRouteToATopicThatNobodyMade(Trial trial) throws Exception {
        RemotingCommand request = RemotingCommand.createRequestCommand(RequestCode.GET_ROUTEINFO_BY_TOPIC, null);
        request.setExtFields(new java.util.HashMap<>(Map.of("topic", "%DLQ%" + trial.name())));
        RemotingCommand answer = trial.callNameServer(request);
        assertThat(answer.getCode()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
    }

    @OnEachTarget
    void answersAnUnknownRequestInsteadOfIgnoringIt(Trial trial) throws Exception {
        RemotingCommand answer = trial.call(RemotingCommand.createRequestCommand(28_999, null));
        assertThat(answer.getCode()).isEqualTo(ResponseCode.REQUEST_CODE_NOT_SUPPORTED);
        assertThat(answer.getRemark()).contains("28999");
    }

    @OnEachTarget
    void clientsThemselvesRefuseWhatNoBrokerTakes(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        assertThat(catchThrowable(() -> producer.send(new Message(topic, new byte[0]))))
                .isInstanceOf(MQClientException.class);
        assertThat(catchThrowable(() -> producer.send(message("not allowed!", "t", "x"))))
                .isInstanceOf(MQClientException.class);
        List<Message> mixed = new ArrayList<>(List.of(message(topic, "t", "a"), message(trial.topic(), "t", "b")));
        assertThat(catchThrowable(() -> producer.send(mixed))).isInstanceOf(MQClientException.class);
        Message delayed = message(topic, "t", "a");
        delayed.setDelayTimeLevel(1);
        assertThat(catchThrowable(() -> producer.send(new ArrayList<>(List.of(delayed)))))
                .isInstanceOf(MQClientException.class);
    }

    private static RemotingCommand rawSend(String topic, int queue, byte[] body) {
        return rawSend(topic, queue, body, false);
    }

    private static RemotingCommand rawSend(String topic, int queue, byte[] body, boolean batch) {
        SendMessageRequestHeader header = new SendMessageRequestHeader();
        header.setProducerGroup("raw");
        header.setTopic(topic);
        header.setDefaultTopic("TBW102");
        header.setDefaultTopicQueueNums(4);
        header.setQueueId(queue);
        header.setSysFlag(0);
        header.setBornTimestamp(System.currentTimeMillis());
        header.setFlag(0);
        header.setReconsumeTimes(0);
        header.setUnitMode(false);
        header.setBatch(batch);
        RemotingCommand request = RemotingCommand.createRequestCommand(RequestCode.SEND_MESSAGE, header);
        request.setBody(body);
        return request;
    }
}
