package dev.tally.broker.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import dev.tally.broker.BrokerStartException;
import dev.tally.broker.OfficialClients;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker inside the JVM of an application that misbehaves. */
class EmbeddedFaultsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int ROUNDS = 100;

    @TempDir
    private Path directory;

    private Broker start() {
        return Broker.start(BrokerConfig.builder(directory.resolve("data"))
                .adminPort(0)
                .checkImmunity(Duration.ofMillis(300))
                .checkInterval(Duration.ofMillis(500))
                .build());
    }

    /** What an application's callback can do to the thread it was called on. */
    private enum Misbehaviour {
        INTERRUPT {
            @Override
            void now() {
                Thread.currentThread().interrupt();
            }
        },
        STACK_OVERFLOW {
            @Override
            @SuppressWarnings("InfiniteRecursion") // That is the fault.
            void now() {
                now();
                // Not a tail call, which would need no stack.
                Thread.onSpinWait();
            }
        },
        OUT_OF_MEMORY {
            @Override
            void now() {
                long[][] much = new long[Integer.MAX_VALUE / 2][];
                for (int i = 0; i < much.length; i++) {
                    much[i] = new long[Integer.MAX_VALUE - 8];
                }
            }
        };

        abstract void now();
    }

    private static final class Misbehaving implements TransactionListener, MessageListenerConcurrently {

        private final Misbehaviour misbehaviour;
        private final Map<String, Integer> calls = new ConcurrentHashMap<>();

        Misbehaving(Misbehaviour misbehaviour) {
            this.misbehaviour = misbehaviour;
        }

        /** Whether it is called for the first time for that; misbehaves then. */
        private void first(String what) {
            if (calls.merge(what, 1, Integer::sum) == 1) {
                misbehaviour.now();
            }
        }

        @Override
        public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
            first("execute " + Numbered.idOf(message));
            return LocalTransactionState.UNKNOW;
        }

        @Override
        public LocalTransactionState checkLocalTransaction(MessageExt message) {
            first("check " + Numbered.idOf(message));
            return LocalTransactionState.COMMIT_MESSAGE;
        }

        @Override
        public ConsumeConcurrentlyStatus consumeMessage(
                List<MessageExt> messages,
                org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyContext context) {
            context.setDelayLevelWhenNextConsume(1);
            first("consume " + Numbered.idOf(messages.get(0)));
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        }
    }

    @Scenario("broker-46")
    @Test
    void keepsItsLogOpenAndWholeWhenCallbacksInterruptOverflowAndExhaust() throws Exception {
        List<String> sent = new ArrayList<>();
        try (Broker broker = start();
                OfficialClients clients =
                        new OfficialClients(broker.address(), client -> client.setHeartbeatBrokerInterval(1_000))) {
            for (Misbehaviour misbehaviour : Misbehaviour.values()) {
                Misbehaving listener = new Misbehaving(misbehaviour);
                String group = misbehaviour.name().toLowerCase(java.util.Locale.ROOT);
                TransactionMQProducer dealer = clients.transactionProducer(group + "-dealers", listener);
                DefaultMQPushConsumer consumer = clients.consumer(group + "-readers", group, "*");
                consumer.registerMessageListener(listener);
                consumer.start();
                String id = group + "-deal";
                try {
                    dealer.sendMessageInTransaction(Numbered.message(group, id), null);
                } finally {
                    // The interrupt was raised on this thread.
                    Thread.interrupted();
                }
                sent.add(id);
                await().atMost(PATIENCE).until(() -> listener.calls.getOrDefault("consume " + id, 0) > 0);
                DefaultMQProducer producer = clients.producer("senders-after-" + group);
                producer.send(Numbered.message(group, group + "-plain"));
                sent.add(group + "-plain");
                await().atMost(PATIENCE).until(() -> listener.calls.getOrDefault("consume " + group + "-plain", 0) > 0);
            }
            assertThat(broker.stats().committedByCheckBack()).isEqualTo(Misbehaviour.values().length);
        }
        try (Broker again = start();
                WholeLog log = new WholeLog(again.address())) {
            List<String> there = new ArrayList<>();
            for (Misbehaviour misbehaviour : Misbehaviour.values()) {
                there.addAll(log.ids(misbehaviour.name().toLowerCase(java.util.Locale.ROOT)));
            }
            assertThat(there).containsExactlyInAnyOrderElementsOf(sent);
        }
    }

    @Scenario("broker-46")
    @Test
    void startsAnswersAndStopsOnInterruptedThreads() throws Exception {
        for (int round = 0; round < 3; round++) {
            Thread.currentThread().interrupt();
            Broker broker = start();
            assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
            try (OfficialClients clients = new OfficialClients(broker.address())) {
                clients.producer("senders").send(Numbered.message("interrupted", "m" + round));
            }
            Thread.currentThread().interrupt();
            assertThat(broker.stats().messages()).isEqualTo(round + 1);
            broker.close();
            assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
        }
        try (Broker again = start()) {
            assertThat(again.stats().messages()).isEqualTo(3);
        }
    }

    @Scenario("broker-47")
    @Test
    void opensAndClosesAHundredTimesWithoutLeavingThreadsOrFiles() throws Exception {
        int filesBefore = 0;
        for (int round = 0; round < ROUNDS; round++) {
            try (Broker broker = start()) {
                if (round % 20 == 0) {
                    try (OfficialClients clients = new OfficialClients(broker.address())) {
                        clients.producer("senders").send(Numbered.message("reopened", "m" + round));
                    }
                }
                assertThat(broker.stats().messages()).isEqualTo(round / 20 + 1);
            }
            if (round == 5) {
                awaitNoThreads();
                filesBefore = openFiles();
            }
        }
        awaitNoThreads();
        int limit = filesBefore + ROUNDS / 10;
        await().atMost(PATIENCE).until(() -> openFiles() < limit);
    }

    private static void awaitNoThreads() {
        await().atMost(PATIENCE).until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("tally-")));
    }

    private static int openFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return (int) files.count();
        }
    }

    @Scenario("broker-45")
    @Test
    void refusesASecondOwnerWhetherProcessOrSameJvmAndTakesOverFromAKilledOne() throws Exception {
        try (RestartableBroker owner = new RestartableBroker(directory, new Random());
                RestartableBroker second = new RestartableBroker(directory, new Random())) {
            owner.start();
            String pid = String.valueOf(owner.process().pid());
            assertThat(second.launch().awaitExit()).isEqualTo(1);
            assertThat(second.complaints()).singleElement().satisfies(line -> assertThat(line)
                    .contains("in use", pid, owner.data().toString()));
            assertThatThrownBy(this::start)
                    .isInstanceOf(BrokerStartException.class)
                    .hasMessageContainingAll("in use", pid);
            try (OfficialClients clients = new OfficialClients(owner.address())) {
                clients.producer("senders").send(Numbered.message("owned", "m"));
            }

            owner.kill();
            second.start();
            assertThat(second.counter("messages")).isEqualTo(1);
            second.kill();
            try (Broker embedded = start()) {
                assertThatThrownBy(this::start)
                        .isInstanceOf(BrokerStartException.class)
                        .hasMessageContaining("this process");
                assertThat(embedded.stats().messages()).isEqualTo(1);
            }
        }
    }
}
