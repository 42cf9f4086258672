package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.testkit.scenario.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The official client behind a network that loses answers: it repeats a send by itself, with the same unique key. */
class RepeatedSendTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path data;

    private BrokerConfig config() {
        return BrokerConfig.builder(data).advertisedHost(CuttingProxy.HOST).build();
    }

    private static int portOf(Broker broker) {
        return Integer.parseInt(broker.address().substring(broker.address().indexOf(':') + 1));
    }

    @Test
    void aSendWhoseAnswerWasLostIsStoredOnce() throws Exception {
        try (Broker broker = Broker.start(config());
                CuttingProxy proxy = new CuttingProxy(portOf(broker));
                OfficialClients clients = new OfficialClients(broker.address())) {
            DefaultMQProducer producer = clients.producer("senders");
            producer.send(OfficialClients.message("trip", "t", "before"));
            List<MessageExt> got = clients.consumed("readers", "trip", "*");
            proxy.cutAnswersToSends(2);

            SendResult result = producer.send(OfficialClients.message("trip", "t", "cut twice"));
            producer.send(OfficialClients.message("trip", "t", "after"));

            assertThat(proxy.cutsLeft()).isZero();
            assertThat(broker.stats().messages()).isEqualTo(3);
            await().atMost(PATIENCE).until(() -> got.size() >= 3);
            assertThat(OfficialClients.texts(got)).containsExactlyInAnyOrder("before", "cut twice", "after");
            assertThat(got)
                    .filteredOn(message -> OfficialClients.text(message).equals("cut twice"))
                    .singleElement()
                    .satisfies(message -> {
                        assertThat(message.getQueueOffset()).isEqualTo(result.getQueueOffset());
                        assertThat(message.getQueueId())
                                .isEqualTo(result.getMessageQueue().getQueueId());
                    });
        }
    }

    @Scenario("broker-28")
    @Test
    void aPrepareWhoseAnswerWasLostIsOneHalfMessage() throws Exception {
        try (Broker broker = Broker.start(config());
                CuttingProxy proxy = new CuttingProxy(portOf(broker));
                OfficialClients clients = new OfficialClients(broker.address())) {
            TransactionMQProducer producer = clients.transactionProducer("deciders", new Committing());
            producer.send(OfficialClients.message("trip", "t", "before"));
            proxy.cutAnswersToSends(1);

            producer.sendMessageInTransaction(OfficialClients.message("trip", "t", "half"), null);

            await().atMost(PATIENCE).until(() -> broker.stats().committedByProducer() == 1);
            assertThat(proxy.cutsLeft()).isZero();
            assertThat(broker.stats().halves()).isEqualTo(1);
            assertThat(broker.stats().undecided()).isZero();
            assertThat(broker.stats().messages()).isEqualTo(2);
        }
    }

    @Test
    void aMessageObjectThatIsSentAgainOnPurposeIsStoredAgain() throws Exception {
        try (Broker broker = Broker.start(BrokerConfig.builder(data).build());
                OfficialClients clients = new OfficialClients(broker.address())) {
            DefaultMQProducer producer = clients.producer("senders");
            Message message = OfficialClients.message("trip", "t", "again and again");
            for (int i = 0; i < 20; i++) {
                producer.send(message);
            }
            TransactionMQProducer transactions = clients.transactionProducer("deciders", new Committing());
            Message half = OfficialClients.message("trip", "t", "half");
            transactions.sendMessageInTransaction(half, null);
            await().atMost(PATIENCE).until(() -> broker.stats().committedByProducer() == 1);
            transactions.sendMessageInTransaction(half, null);

            await().atMost(PATIENCE).until(() -> broker.stats().committedByProducer() == 2);
            assertThat(broker.stats().messages()).isEqualTo(22);
        }
    }

    private static final class Committing implements TransactionListener {
        @Override
        public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
            return LocalTransactionState.COMMIT_MESSAGE;
        }

        @Override
        public LocalTransactionState checkLocalTransaction(MessageExt message) {
            return LocalTransactionState.COMMIT_MESSAGE;
        }
    }
}
