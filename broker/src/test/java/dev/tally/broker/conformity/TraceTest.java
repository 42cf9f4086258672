package dev.tally.broker.conformity;

import static dev.tally.broker.OfficialClients.message;
import static dev.tally.broker.OfficialClients.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.OfficialClients;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.topic.TopicValidator;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;

/** Clients that tell what happened to each message, and operators that ask for it. */
class TraceTest {

    private static final String TRACES = TopicValidator.RMQ_SYS_TRACE_TOPIC;

    @OnEachTarget
    void findsWhoSentAndWhoConsumedAMessage(Trial trial) throws Exception {
        String topic = trial.topic();
        String group = trial.name();
        String producers = trial.name();
        DefaultMQAdminExt admin = trial.admin();
        try (OfficialClients traced = trial.clients(client -> client.setEnableTrace(true))) {
            DefaultMQPushConsumer consumer = traced.consumer(group, topic, "*");
            consumer.registerMessageListener(
                    (MessageListenerConcurrently) (messages, context) -> ConsumeConcurrentlyStatus.CONSUME_SUCCESS);
            consumer.start();
            DefaultMQProducer producer = traced.producer(producers);
            Message message = message(topic, "t", "traced");
            String key = trial.name();
            message.setKeys(key);
            SendResult sent = producer.send(message);

            List<MessageExt> byId = traces(admin, sent.getMsgId(), 3);
            assertThat(byId).extracting(MessageExt::getTopic).containsOnly(TRACES);
            assertThat(byId).anySatisfy(trace -> assertThat(text(trace))
                    .contains("Pub")
                    .contains(producers)
                    .contains(topic)
                    .contains(sent.getMsgId()));
            assertThat(byId).anySatisfy(trace -> assertThat(text(trace))
                    .contains("SubBefore")
                    .contains(group)
                    .contains(sent.getMsgId()));
            assertThat(byId)
                    .anySatisfy(trace ->
                            assertThat(text(trace)).contains("SubAfter").contains(sent.getMsgId()));
            assertThat(traces(admin, key, 1))
                    .anySatisfy(trace -> assertThat(text(trace)).contains("Pub").contains(sent.getMsgId()));
        }
    }

    /** The traces of what has an id or key, when those of every stage are there. */
    private static List<MessageExt> traces(DefaultMQAdminExt admin, String key, int stages) {
        List<String> wanted = List.of("Pub", "SubBefore", "SubAfter").subList(0, stages);
        return await().atMost(Trial.PATIENCE)
                .ignoreExceptionsInstanceOf(MQClientException.class)
                .until(
                        () -> admin.queryMessage(TRACES, key, 64, 0, Long.MAX_VALUE)
                                .getMessageList(),
                        found -> wanted.stream().allMatch(stage -> found.stream()
                                .anyMatch(trace -> text(trace).contains(stage))));
    }
}
