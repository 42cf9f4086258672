package dev.tally.transport.rabbitmq.throughput;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConfirmListener;
import dev.tally.message.Message;
import dev.tally.testkit.throughput.SendThroughput;
import dev.tally.testkit.throughput.Sender;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.rabbitmq.RabbitMqSettings;
import dev.tally.transport.rabbitmq.RabbitMqTransport;
import dev.tally.transport.rabbitmq.server.RabbitMqServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;

/** Sends to a broker in a process of its own, by the transport or by the bare client, and prints the confirmed messages in a second. */
final class RabbitMqThroughput {

    private static final String TOPIC = "throughput";
    private static final AMQP.BasicProperties PERSISTENT =
            new AMQP.BasicProperties.Builder().deliveryMode(2).build();
    private static boolean listens;

    private RabbitMqThroughput() {}

    /** Takes {@code tally} or {@code bare}, a folder, milliseconds of warm-up and of the window. */
    public static void main(String[] arguments) throws Exception {
        RabbitMqServer server = RabbitMqServer.start(Path.of(arguments[1]));
        CachingConnectionFactory connections = new CachingConnectionFactory("127.0.0.1", server.port());
        RabbitMqTransport transport =
                new RabbitMqTransport(RabbitMqSettings.builder(connections).build());
        // A group's quorum queue, for both.
        transport
                .subscribe(
                        new Subscription(TOPIC, "group", "*", 1, true, 1),
                        batch -> Collections.nCopies(batch.size(), new DeliveryOutcome.Later("only the queue counts")))
                .close();
        Sender sender;
        if (arguments[0].equals("tally")) {
            sender = Sender.of(transport);
        } else {
            Channel channel = server.connect().createChannel();
            channel.confirmSelect();
            sender = (batch, ended) -> bare(channel, batch, ended);
        }
        double perSecond = new SendThroughput(TOPIC, System::nanoTime)
                .perSecond(
                        sender,
                        Duration.ofMillis(Long.parseLong(arguments[2])),
                        Duration.ofMillis(Long.parseLong(arguments[3])));
        System.out.println("confirmed/s=" + perSecond);
        System.out.flush();
        transport.close();
        server.close();
        Runtime.getRuntime().halt(0);
    }

    private static void bare(Channel channel, List<Message> batch, Consumer<@Nullable String> ended) {
        if (!listens) {
            listens = true;
            channel.addConfirmListener(new Confirmed(channel.getNextPublishSeqNo(), ended));
        }
        for (Message message : batch) {
            try {
                channel.basicPublish(TOPIC, message.key(), true, PERSISTENT, message.payload());
            } catch (IOException e) {
                ended.accept(e.toString());
            }
        }
    }

    /** Confirmations come in order, some for all before them. */
    private static final class Confirmed implements ConfirmListener {

        private final Consumer<@Nullable String> ended;
        private long next;

        Confirmed(long first, Consumer<@Nullable String> ended) {
            this.next = first;
            this.ended = ended;
        }

        @Override
        public void handleAck(long tag, boolean multiple) {
            // Without gaps, each is counted once however they come.
            long confirmed = multiple ? tag - next + 1 : 1;
            next += Math.max(0, confirmed);
            for (long i = 0; i < confirmed; i++) {
                ended.accept(null);
            }
        }

        @Override
        public void handleNack(long tag, boolean multiple) {
            ended.accept("nack of " + tag);
        }
    }
}
