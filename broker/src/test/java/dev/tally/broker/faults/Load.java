package dev.tally.broker.faults;

import dev.tally.broker.OfficialClients;
import dev.tally.broker.faults.History.Fate;
import dev.tally.broker.faults.History.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * Official clients that go on while their broker dies and comes back, and write down what they did and saw. No send is
 * ever repeated: what failed is given up, and the next number is sent.
 */
final class Load implements AutoCloseable {

    static final String PLAIN = "soak-plain";
    static final String ORDERED = "soak-ordered";
    static final String DEALS = "soak-deals";
    static final String ORDERED_WORKERS = "soak-ordered-workers";

    private static final int QUEUES = 4;
    private static final int UNDER_WAY = 32;
    private static final long AFTER_A_FAILURE_MILLIS = 50;

    private final History history;
    private final long seed;
    private final OfficialClients clients;
    private final String address;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Semaphore asyncSends = new Semaphore(UNDER_WAY);
    private final Map<String, Integer> questions = new ConcurrentHashMap<>();
    private final List<Thread> threads = new ArrayList<>();

    Load(String address, History history, long seed) {
        this.address = address;
        this.history = history;
        this.seed = seed;
        this.clients = new OfficialClients(address, Load::haste);
    }

    /** One attempt; what it throws means that it was not acknowledged. */
    private interface Attempt {
        void number(int n) throws Exception;
    }

    void start() throws Exception {
        DefaultMQProducer plain = clients.producer("soak-senders");
        for (String topic : List.of(PLAIN, ORDERED, DEALS)) {
            plain.createTopic("TBW102", topic, QUEUES, Map.of());
        }
        consume();
        repeatedly("plain", n -> sendAsync(plain, "plain-" + n));
        for (String name : List.of("first", "second")) {
            DefaultMQProducer producer = clients.producer("soak-ordered-senders");
            repeatedly("ordered-" + name, n -> sendInOrder(producer, name, n));
        }
        Random random = new Random(seed);
        TransactionMQProducer deals = clients.transactionProducer("soak-dealers", new Dealer());
        repeatedly("deals", n -> deal(deals, n, random.nextInt(10)));
        Offsets offsets = new Offsets(address, history, plain, QUEUES);
        repeatedly("offsets", n -> {
            offsets.commitAndAsk(n % QUEUES);
            pause();
        });
    }

    private static void haste(ClientConfig client) {
        client.setHeartbeatBrokerInterval(1_000);
        client.setPollNameServerInterval(2_000);
        client.setPersistConsumerOffsetInterval(500);
        client.setMqClientApiTimeout(5_000);
        client.setPullTimeDelayMillsWhenException(300);
        if (client instanceof DefaultMQProducer producer) {
            producer.setSendMsgTimeout(5_000);
            producer.setRetryTimesWhenSendFailed(0);
            producer.setRetryTimesWhenSendAsyncFailed(0);
            producer.setDefaultTopicQueueNums(QUEUES);
        }
    }

    private void repeatedly(String name, Attempt attempt) {
        Thread thread = new Thread(
                () -> {
                    for (int n = 0; stop.getCount() > 0; n++) {
                        try {
                            attempt.number(n);
                        } catch (Exception e) {
                            // The broker is down: not acknowledged, so nothing is expected of that number.
                            pause();
                        }
                    }
                },
                "load-" + name);
        threads.add(thread);
        thread.start();
    }

    private boolean pause() {
        try {
            return stop.await(AFTER_A_FAILURE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void sendAsync(DefaultMQProducer producer, String id) throws Exception {
        asyncSends.acquire();
        history.attempted(id);
        try {
            producer.send(Numbered.message(PLAIN, id), new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
                    acknowledged(id, id, result);
                    asyncSends.release();
                }

                @Override
                public void onException(Throwable failure) {
                    asyncSends.release();
                    pause();
                }
            });
        } catch (Exception e) {
            asyncSends.release();
            throw e;
        }
    }

    private void sendInOrder(DefaultMQProducer producer, String name, int n) throws Exception {
        String id = "ordered-" + name + "-" + n;
        int key = n % QUEUES;
        history.attempted(id);
        acknowledged(
                id,
                name + "/" + key,
                producer.send(
                        Numbered.message(ORDERED, id), (queues, message, k) -> queues.get(key % queues.size()), key));
    }

    private void acknowledged(String id, String lane, SendResult result) {
        if (result.getSendStatus() != SendStatus.SEND_OK) {
            throw new AssertionError("Acknowledged otherwise: " + result);
        }
        Place place = new Place(
                result.getMessageQueue().getTopic(), result.getMessageQueue().getQueueId());
        history.acknowledged(id, lane, place, result.getQueueOffset());
    }

    private void deal(TransactionMQProducer producer, int n, int dice) throws Exception {
        String id = "deal-" + n;
        history.attempted(id);
        Message message = Numbered.message(DEALS, id);
        message.putUserProperty("CHECK_IMMUNITY_TIME_IN_SECONDS", "2");
        producer.sendMessageInTransaction(message, dice);
    }

    /** Commits, rolls back, or says nothing until it is asked. Asked about what never began, it forbids it for good. */
    private final class Dealer implements TransactionListener {

        @Override
        public LocalTransactionState executeLocalTransaction(Message message, Object dice) {
            String id = Numbered.idOf(message);
            int eyes = (Integer) dice;
            history.halfAcknowledged(id);
            Fate fate = history.decide(id, eyes % 2 == 0 ? Fate.COMMITTED : Fate.ROLLED_BACK);
            return eyes < 4 ? LocalTransactionState.UNKNOW : state(fate);
        }

        @Override
        public LocalTransactionState checkLocalTransaction(MessageExt message) {
            questions.merge(Numbered.idOf(message), 1, Integer::sum);
            return state(history.decide(Numbered.idOf(message), Fate.ROLLED_BACK));
        }

        private static LocalTransactionState state(Fate fate) {
            return fate == Fate.COMMITTED
                    ? LocalTransactionState.COMMIT_MESSAGE
                    : LocalTransactionState.ROLLBACK_MESSAGE;
        }
    }

    private void consume() throws Exception {
        history.consumes("soak-workers", false, PLAIN, DEALS);
        for (int member = 0; member < 2; member++) {
            DefaultMQPushConsumer consumer = clients.consumer("soak-workers", PLAIN, "*");
            consumer.subscribe(DEALS, "*");
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                messages.forEach(message -> delivered("soak-workers", message));
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
            consumer.start();
        }
        history.consumes(ORDERED_WORKERS, true, ORDERED);
        DefaultMQPushConsumer consumer = clients.consumer(ORDERED_WORKERS, ORDERED, "*");
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            messages.forEach(message -> delivered(ORDERED_WORKERS, message));
            return ConsumeOrderlyStatus.SUCCESS;
        });
        consumer.start();
    }

    private void delivered(String group, MessageExt message) {
        history.delivered(
                group,
                new Place(message.getTopic(), message.getQueueId()),
                message.getQueueOffset(),
                Numbered.idOf(message));
    }

    /** How often one half message was asked about, at most. */
    int mostQuestions() {
        return questions.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    /** No more sends; when it returns, every send has its answer. Consumers and check-backs go on. */
    void stopSending() throws InterruptedException {
        stop.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        if (!asyncSends.tryAcquire(UNDER_WAY, 60, TimeUnit.SECONDS)) {
            throw new AssertionError("Sends without an answer: " + (UNDER_WAY - asyncSends.availablePermits()));
        }
    }

    @Override
    public void close() {
        stop.countDown();
        clients.close();
    }
}
