package dev.tally.transport.jms;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.transport.SendOutcome;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SendQueueTest {

    private final SendQueue queue = new SendQueue(5);

    @Test
    void givesOutWhatWaitsInOrderAndNoMoreThanWanted() {
        PendingSend first = add("a");
        PendingSend second = add(null);
        PendingSend third = add("a");

        assertThat(queue.take(2)).containsExactly(first, second);
        assertThat(queue.take(2)).containsExactly(third);
    }

    @Test
    void failsWhatIsBehindAMessageThatWaitedTooLongAndNoOtherKey() {
        PendingSend late = add("a");
        PendingSend behind = add("a");
        PendingSend other = add("b");
        PendingSend unordered = add(null);
        PendingSend farBehind = add("a");
        late.fail("too late", null);

        assertThat(queue.take(2)).containsExactly(other, unordered);
        assertThat(List.of(behind, farBehind)).allMatch(PendingSend::isDone);
        assertThat(failure(farBehind).retryable()).isTrue();
        assertThat(other.isDone()).isFalse();
    }

    @Test
    void failsWhatWaitsBehindAKeyThatFailed() {
        PendingSend failed = add("a");
        PendingSend behind = add("a");
        PendingSend other = add("b");
        assertThat(queue.take(1)).containsExactly(failed);

        queue.failBehind(Set.of(new PendingSend.Lane("topic", "a")));

        assertThat(failure(behind).reason()).contains("earlier message");
        assertThat(queue.take(9)).containsExactly(other);
    }

    @Test
    void refusesMoreThanItsCapacityAndAllOnceItIsClosed() {
        for (int i = 0; i < 5; i++) {
            assertThat(add(null).isDone()).isFalse();
        }
        assertThat(failure(add(null)).reason()).contains("already 5 messages wait");
        List<PendingSend> taken = queue.take(1);
        PendingSend waiting = add("k");

        queue.close();

        assertThat(taken.get(0).isDone()).isFalse();
        assertThat(failure(waiting).reason()).contains("closed");
        assertThat(failure(add("k")).reason()).contains("closed");
        assertThat(queue.take(1)).isEmpty();
    }

    private PendingSend add(@Nullable String key) {
        PendingSend send = new PendingSend(
                Names.ofDestination("topic"),
                key == null ? null : new PendingSend.Lane("topic", key),
                session -> session.createMessage(),
                "Cannot send",
                new CompletableFuture<>());
        queue.add(send);
        return send;
    }

    private static SendOutcome.Failed failure(PendingSend send) {
        return (SendOutcome.Failed) send.outcome().join();
    }
}
