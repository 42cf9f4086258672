package dev.tally.broker;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.MQVersion;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** Produces, decides and consumes with whatever client its class loader has; answers the client's version and the texts. */
public final class RoundTrip implements Function<String, List<String>> {

    public RoundTrip() {}

    @Override
    public List<String> apply(String address) {
        try (OfficialClients clients = new OfficialClients(address)) {
            List<MessageExt> got = clients.consumed("travellers", "trip", "*");
            TransactionMQProducer producer = clients.transactionProducer("deciders", new ByBody());
            producer.send(OfficialClients.message("trip", "t", "plain"));
            for (String body : List.of("committed", "rolled back", "asked and committed")) {
                producer.sendMessageInTransaction(OfficialClients.message("trip", "t", body), null);
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> got.size() >= 3);
            List<String> texts = new ArrayList<>();
            texts.add(MQVersion.getVersionDesc(MQVersion.CURRENT_VERSION)
                    .substring(1)
                    .replace('_', '.'));
            Stream.of(got.toArray(MessageExt[]::new))
                    .map(OfficialClients::text)
                    .sorted()
                    .forEach(texts::add);
            return texts;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static final class ByBody implements TransactionListener {
        @Override
        public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
            return switch (new String(message.getBody(), java.nio.charset.StandardCharsets.UTF_8)) {
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
