package dev.tally.transport.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.ReceivedMessages;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import dev.tally.transport.jms.server.ClassicServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An ActiveMQ Classic whose store is full takes nothing more, and has to be emptied by its consumers. */
class ClassicFullStoreTest {

    private static final int STORE_MEGABYTES = 48;

    @Test
    void groupsJoinAndEmptyAStoreThatIsFull(@TempDir Path directory) {
        try (ClassicServer server = ClassicServer.small(directory, STORE_MEGABYTES);
                Transport sender = open(server);
                Transport member = open(server)) {
            CountDownLatch mayHandle = new CountDownLatch(1);
            ReceivedMessages received = new ReceivedMessages();
            subscribe(sender, received, "waiting", mayHandle);
            int stored = fill(sender);

            // They cannot be remembered now, but are there.
            subscribe(member, received, "late", mayHandle);
            sender.close();
            subscribe(member, received, "waiting", mayHandle);
            mayHandle.countDown();

            await().atMost(Duration.ofSeconds(60))
                    .until(() -> received.ids().stream().distinct().count() >= stored);
            await().atMost(Duration.ofSeconds(60)).until(() -> isSent(member, "late", "at last"));
            await().atMost(Duration.ofSeconds(60)).until(() -> received.ids().contains("at last"));
        }
    }

    private static void subscribe(
            Transport transport, ReceivedMessages received, String topic, CountDownLatch mayHandle) {
        transport.subscribe(
                new Subscription(topic, "group", "*", 1, true, 100),
                received.handler(message -> mayHandle.getCount() == 0
                        ? new DeliveryOutcome.Delivered()
                        : new DeliveryOutcome.Retry("not yet")));
    }

    /** Answers how many it has taken. */
    private static int fill(Transport sender) {
        int sent = 0;
        while (isSent(sender, "waiting", "m-" + sent)) {
            sent++;
            assertThat(sent).isLessThan(4 * STORE_MEGABYTES);
        }
        return sent;
    }

    private static boolean isSent(Transport sender, String topic, String id) {
        Message message = new Message(
                new MessageId(id), Destination.topic(topic), "k", "text", Headers.empty(), new byte[1024 * 1024]);
        return sender.send(List.of(message)).get(0).join() instanceof SendOutcome.Sent;
    }

    private static Transport open(ClassicServer server) {
        return new JmsTransport(JmsBroker.settings(server.connectionFactory())
                .sendTimeout(Duration.ofSeconds(3))
                .build());
    }
}
