package dev.tally.broker.conformity;

import static dev.tally.broker.OfficialClients.message;
import static dev.tally.broker.OfficialClients.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.RequestTimeoutException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.RequestCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.utils.MessageUtil;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageAccessor;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;

/** A producer that waits for a consumer's reply. */
class RequestReplyTest {

    private static final long REPLY_WITHIN_MILLIS = 60_000;

    private static byte[] echo(MessageExt request) {
        return ("re: " + text(request)).getBytes(StandardCharsets.UTF_8);
    }

    /** A consumer that replies to everything. */
    private static List<SendResult> replier(Trial trial, String topic) throws Exception {
        List<SendResult> replies = new CopyOnWriteArrayList<>();
        DefaultMQProducer sender = trial.clients().producer(trial.name());
        DefaultMQPushConsumer consumer = trial.clients().consumer(trial.name(), topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            try {
                for (MessageExt request : messages) {
                    Message reply = MessageUtil.createReplyMessage(request, echo(request));
                    reply.putUserProperty("answered", "by " + trial);
                    replies.add(sender.send(reply, 30_000));
                }
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        consumer.start();
        return replies;
    }

    @OnEachTarget
    void bringsTheReplyToWhoAsked(Trial trial) throws Exception {
        String topic = trial.topic();
        List<SendResult> replies = replier(trial, topic);
        DefaultMQProducer asker = trial.clients().producer(trial.name());

        Message reply = asker.request(message(topic, "t", "question"), REPLY_WITHIN_MILLIS);

        assertThat(new String(reply.getBody(), StandardCharsets.UTF_8)).isEqualTo("re: question");
        assertThat(reply.getTopic()).isEqualTo("DefaultCluster_REPLY_TOPIC");
        assertThat(reply.getUserProperty("answered")).isEqualTo("by " + trial);
        assertThat(reply.getProperty(MessageConst.PROPERTY_CORRELATION_ID)).isNotBlank();
        assertThat(reply.getProperty(MessageConst.PROPERTY_MESSAGE_REPLY_TO_CLIENT))
                .isEqualTo(asker.buildMQClientId());
        assertThat(Long.parseLong(reply.getProperty(MessageConst.PROPERTY_PUSH_REPLY_TIME)))
                .isPositive();
        Trial.eventually(() -> replies.size() == 1);
    }

    @OnEachTarget
    void bringsEachOfManyRepliesToItsRequest(Trial trial) throws Exception {
        String topic = trial.topic(4);
        var unused = replier(trial, topic);
        List<DefaultMQProducer> askers =
                List.of(trial.clients().producer(trial.name()), trial.clients().producer(trial.name()));
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            CompletableFuture<String> answer = new CompletableFuture<>();
            answers.add(answer);
            askers.get(i % 2)
                    .request(
                            message(topic, "t", "question " + i),
                            new RequestCallback() {
                                @Override
                                public void onSuccess(Message reply) {
                                    answer.complete(new String(reply.getBody(), StandardCharsets.UTF_8));
                                }

                                @Override
                                public void onException(Throwable e) {
                                    answer.completeExceptionally(e);
                                }
                            },
                            REPLY_WITHIN_MILLIS);
        }
        for (int i = 0; i < 20; i++) {
            assertThat(answers.get(i).get(60, TimeUnit.SECONDS)).isEqualTo("re: question " + i);
        }
    }

    @OnEachTarget
    void timesOutWhereNobodyReplies(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer asker = trial.clients().producer(trial.name());
        assertThat(catchThrowableOfType(
                        RequestTimeoutException.class, () -> asker.request(message(topic, "t", "anybody?"), 3000)))
                .isNotNull();
    }

    @OnEachTarget
    void tellsAReplierThatNobodyWaitsAnyMore(Trial trial) throws Exception {
        DefaultMQProducer replier = trial.clients().producer(trial.name());
        assertThat(Trial.refusal(() -> replier.send(reply("127.0.0.1@gone")))).isEqualTo(1);
    }

    @OnEachTarget
    void refusesAReplyThatNamesNoClient(Trial trial) throws Exception {
        DefaultMQProducer replier = trial.clients().producer(trial.name());
        assertThat(Trial.refusal(() -> replier.send(reply(null)))).isEqualTo(1);
        assertThat(catchThrowable(() -> replier.send(reply(null)))).hasStackTraceContaining("REPLY_TO_CLIENT");
    }

    private static Message reply(String client) {
        Message reply = message("DefaultCluster_REPLY_TOPIC", null, "too late");
        MessageAccessor.putProperty(reply, MessageConst.PROPERTY_MESSAGE_TYPE, "reply");
        MessageAccessor.putProperty(reply, MessageConst.PROPERTY_CORRELATION_ID, "nobody");
        MessageAccessor.putProperty(reply, MessageConst.PROPERTY_MESSAGE_TTL, "1000");
        if (client != null) {
            MessageAccessor.putProperty(reply, MessageConst.PROPERTY_MESSAGE_REPLY_TO_CLIENT, client);
        }
        return reply;
    }
}
