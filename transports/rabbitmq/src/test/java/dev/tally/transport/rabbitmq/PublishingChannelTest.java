package dev.tally.transport.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.client.impl.AMQImpl;
import dev.tally.transport.SendOutcome;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose confirmation, return or failure is whose. */
class PublishingChannelTest {

    private final ScriptedConnection broker = new ScriptedConnection();
    private PublishingChannel channel;

    @BeforeEach
    void open() throws IOException {
        channel = PublishingChannel.open(broker.link(), new Topology(true), Runnable::run);
    }

    private Publication publish(@Nullable String id) {
        return publish(new Publication.Target("orders", "k", true), id, new byte[1]);
    }

    private Publication publish(Publication.Target target, @Nullable String id, byte[] body) {
        Publication publication = new Publication(
                target,
                new AMQP.BasicProperties.Builder().messageId(id).build(),
                body,
                "Cannot send " + id,
                new CompletableFuture<>());
        channel.publish(publication);
        return publication;
    }

    private void comesBack(@Nullable String id) {
        channel.handleReturn(
                312,
                "NO_ROUTE",
                "orders",
                "k",
                new AMQP.BasicProperties.Builder().messageId(id).build(),
                new byte[1]);
    }

    private static void assertSent(Publication publication) {
        assertThat(publication.outcome()).isCompletedWithValueMatching(SendOutcome.Sent.class::isInstance);
    }

    private static void assertFailed(Publication publication, boolean retryable, String reason) {
        assertThat(publication.outcome())
                .isCompletedWithValueMatching(outcome -> outcome instanceof SendOutcome.Failed failed
                        && failed.retryable() == retryable
                        && failed.reason().contains(reason));
    }

    @Test
    void confirmsOneOrAllUpToANumber() {
        Publication first = publish("a");
        Publication second = publish("b");
        Publication third = publish("c");

        channel.handleAck(2, false);
        assertSent(second);
        assertThat(first.outcome()).isNotDone();

        channel.handleAck(3, true);
        assertSent(first);
        assertSent(third);
    }

    @Test
    void failsWhatTheBrokerRefusesAndNothingElse() {
        Publication first = publish("a");
        Publication second = publish("b");

        channel.handleNack(1, false);
        channel.handleAck(2, false);

        assertFailed(first, true, "exchange 'orders'");
        assertSent(second);
    }

    @Test
    void failsWhatNoQueueGotAlthoughItIsConfirmed() {
        Publication first = publish("a");
        Publication second = publish("b");

        comesBack("a");
        channel.handleAck(2, true);

        assertFailed(first, true, "no queue is bound to exchange 'orders'");
        assertSent(second);
    }

    @Test
    void countsWhatComesBackTwice() {
        Publication first = publish("a");
        Publication again = publish("a");
        Publication third = publish("a");

        comesBack("a");
        comesBack("a");
        channel.handleAck(3, true);

        assertFailed(first, true, "no queue");
        assertFailed(again, true, "no queue");
        assertSent(third);
    }

    @Test
    void failsAllWithoutAnIdOfWhichOneCameBack() {
        Publication first = publish(null);
        Publication second = publish(null);
        Publication named = publish("a");

        comesBack(null);
        channel.handleAck(3, true);

        assertFailed(first, true, "no queue");
        assertFailed(second, true, "no queue");
        assertSent(named);
        Publication later = publish(null);
        channel.handleAck(4, false);
        assertSent(later);
    }

    @Test
    void failsWhatIsUnderWayWhenTheChannelEnds() {
        Publication first = publish("a");
        Publication large = publish(new Publication.Target("orders", "k", true), "b", new byte[77]);
        Publication forbidden = publish(new Publication.Target("secret", "k", true), "c", new byte[1]);

        channel.shutdownCompleted(closed(406, "PRECONDITION_FAILED - message size 77 is larger than max size 50"));
        assertFailed(first, true, "may have it or not");
        assertFailed(large, false, "message size 77");
        assertFailed(forbidden, true, "may have it or not");
    }

    @Test
    void neverSendsAgainToWhatIsForbidden() {
        Publication first = publish("a");
        Publication forbidden = publish(new Publication.Target("secret", "k", true), "c", new byte[1]);

        channel.shutdownCompleted(
                closed(403, "ACCESS_REFUSED - write access to exchange 'secret' in vhost '/' refused for user 'u'"));

        assertFailed(first, true, "may have it or not");
        assertFailed(forbidden, false, "ACCESS_REFUSED");
    }

    @Test
    void closesWhenTheClientHasCountedWhatItDidNotWrite() {
        Publication before = publish("a");
        broker.refuseToWrite();

        Publication refused = publish("b");

        assertFailed(refused, false, "too long");
        assertThat(channel.isOpen()).isFalse();
        assertThat(before.outcome()).as("the client tells of the end").isNotDone();
    }

    @Test
    void takesNothingWhileTheBrokerIsBlocked() {
        channel.handleBlocked("low on disk");
        assertFailed(publish("a"), true, "low on disk");

        channel.handleUnblocked();
        assertThat(publish("b").outcome()).isNotDone();
    }

    private static ShutdownSignalException closed(int code, String text) {
        return new ShutdownSignalException(false, false, new AMQImpl.Channel.Close(code, text, 60, 40), null);
    }
}
