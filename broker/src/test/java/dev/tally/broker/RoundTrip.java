package dev.tally.broker;

import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.RequestCallback;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.client.utils.MessageUtil;
import org.apache.rocketmq.common.MQVersion;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * Produces, decides, consumes and asks with whatever client its class loader has; answers the client's version and, sorted,
 * what was got.
 */
public final class RoundTrip implements Function<String, List<String>> {

    private static final String FAILS_ONCE = "fails once";
    private static final int GOT = 7;

    public RoundTrip() {}

    @Override
    public List<String> apply(String address) {
        try (OfficialClients clients = new OfficialClients(address)) {
            List<String> got = consume(clients);
            TransactionMQProducer producer = clients.transactionProducer("deciders", new ByBody());
            producer.send(OfficialClients.message("trip", "t", "plain"));
            producer.send(OfficialClients.message("trip", "t", FAILS_ONCE));
            producer.send(List.of(
                    OfficialClients.message("trip", "t", "batched"),
                    OfficialClients.message("trip", "t", "batched too")));
            Message delayed = OfficialClients.message("trip", "t", "delayed");
            delayed.setDelayTimeLevel(1);
            producer.send(delayed);
            for (String body : List.of("committed", "rolled back", "asked and committed")) {
                producer.sendMessageInTransaction(OfficialClients.message("trip", "t", body), null);
            }
            String reply = ask(clients);
            await().atMost(Duration.ofSeconds(90)).until(() -> got.size() >= GOT);
            List<String> texts = new ArrayList<>(got);
            texts.add(reply);
            texts.sort(null);
            texts.add(
                    0,
                    MQVersion.getVersionDesc(MQVersion.CURRENT_VERSION)
                            .substring(1)
                            .replace('_', '.'));
            return texts;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> consume(OfficialClients clients) throws Exception {
        List<String> got = new CopyOnWriteArrayList<>();
        DefaultMQPushConsumer consumer = clients.consumer("travellers", "trip", "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            MessageExt message = messages.get(0);
            String text = OfficialClients.text(message);
            if (!text.equals(FAILS_ONCE)) {
                got.add(text);
            } else if (message.getReconsumeTimes() > 0) {
                got.add(text + ", attempt " + message.getReconsumeTimes());
            } else {
                return ConsumeConcurrentlyStatus.RECONSUME_LATER;
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        return got;
    }

    private static String ask(OfficialClients clients) throws Exception {
        DefaultMQProducer replier = clients.producer("repliers");
        DefaultMQPushConsumer consumer = clients.consumer("repliers", "questions", "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            try {
                MessageExt question = messages.get(0);
                byte[] reply = ("re: " + OfficialClients.text(question)).getBytes(StandardCharsets.UTF_8);
                replier.send(MessageUtil.createReplyMessage(question, reply), 30_000);
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        consumer.start();
        // With a callback: the blocking call of 5.3.2 ends when its question is sent, and finds no reply, on any
        // broker.
        CompletableFuture<String> answer = new CompletableFuture<>();
        clients.producer("askers")
                .request(
                        OfficialClients.message("questions", "t", "question"),
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
                        60_000);
        return answer.get(60, TimeUnit.SECONDS);
    }

    private static final class ByBody implements TransactionListener {
        @Override
        public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
            return switch (new String(message.getBody(), StandardCharsets.UTF_8)) {
                case "committed" -> LocalTransactionState.COMMIT_MESSAGE;
                case "rolled back" -> LocalTransactionState.ROLLBACK_MESSAGE;
                default -> LocalTransactionState.UNKNOW;
            };
        }

        @Override
        public LocalTransactionState checkLocalTransaction(MessageExt message) {
            return LocalTransactionState.COMMIT_MESSAGE;
        }
    }
}
