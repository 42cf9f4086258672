package dev.tally.saga.participant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Destination;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.saga.message.SagaCommand;
import dev.tally.saga.message.SagaHeaders;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.transaction.CannotCreateTransactionException;

/** What a participant does when the database is not there for it. The rest is shown on real ones, in the testkit. */
class ParticipantHandlerTest {

    record Reserve(String item) {}

    @SagaParticipant("stock")
    static class Stock {

        final List<Reserve> reserved = new ArrayList<>();
        Exception failure;

        @SagaAction
        void reserve(Reserve command) throws Exception {
            reserved.add(command);
            if (failure != null) {
                throw failure;
            }
        }
    }

    private final FakeParts fake = new FakeParts();
    private final FakeTransport transport = new FakeTransport();
    private final Stock stock = new Stock();

    private List<DeliveryOutcome> deliver(String... sagas) {
        SagaParticipantRegistry registry = Participants.registry(transport, fake.parts(), stock);
        registry.afterSingletonsInstantiated();
        registry.start();
        return transport
                .subscribed
                .values()
                .iterator()
                .next()
                .handle(Arrays.stream(sagas)
                        .map(ParticipantHandlerTest::reserve)
                        .map(message -> new ReceivedMessage(message, 1))
                        .toList());
    }

    private static Message reserve(String saga) {
        SagaCommand command = new SagaCommand(saga, "order", "step", 1, false, null, Instant.EPOCH, "replies");
        return new Message(
                new MessageId("id-" + saga),
                Destination.topic("stock-commands"),
                saga,
                "Reserve",
                command.headers(),
                "{\"item\":\"lamp\"}".getBytes(StandardCharsets.UTF_8));
    }

    private List<String> answers() {
        return fake.published.stream()
                .map(message -> message.key() + ' ' + message.headers().get(SagaHeaders.OUTCOME))
                .toList();
    }

    @Test
    void nothingCountsWhileTheDatabaseIsAway() {
        for (int i = 0; i < 2; i++) {
            fake.failuresOfBegin.add(new CannotCreateTransactionException("no connection"));
        }

        List<DeliveryOutcome> outcomes = deliver("a", "b", "c");

        assertThat(outcomes).hasSize(3).allMatch(DeliveryOutcome.Later.class::isInstance);
        assertThat(stock.reserved).isEmpty();
        assertThat(answers()).isEmpty();
    }

    @Test
    void aTransactionThatHadToGiveWayIsBegunAnew() {
        for (int i = 0; i < 4; i++) {
            fake.failuresOfLock.add(new CannotAcquireLockException("deadlock"));
        }

        assertThat(deliver("a")).allMatch(DeliveryOutcome.Delivered.class::isInstance);
        assertThat(answers()).containsExactly("a done");
        assertThat(stock.reserved).hasSize(1);
    }

    @Test
    void aTransactionThatAlwaysHasToGiveWayIsAnsweredAsFailed() {
        for (int i = 0; i < 5; i++) {
            fake.failuresOfLock.add(new CannotAcquireLockException("deadlock"));
        }

        assertThat(deliver("a")).allMatch(DeliveryOutcome.Delivered.class::isInstance);
        assertThat(answers()).containsExactly("a failed");
        assertThat(stock.reserved).isEmpty();
    }

    @Test
    void anInterruptedCommandIsNotAnsweredAsFailed() {
        stock.failure = new InterruptedException();
        try {
            assertThat(deliver("a")).allMatch(DeliveryOutcome.Retry.class::isInstance);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(answers()).isEmpty();
    }

    @Test
    void aFailureIsAnsweredAlone() {
        stock.failure = new IllegalStateException("broken");

        assertThat(deliver("a")).allMatch(DeliveryOutcome.Delivered.class::isInstance);
        assertThat(answers()).containsExactly("a failed");
        assertThat(fake.published.get(0).headers().get(SagaHeaders.REASON)).isEqualTo("IllegalStateException: broken");
    }
}
