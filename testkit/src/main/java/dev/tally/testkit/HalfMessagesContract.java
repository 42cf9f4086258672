package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.half.CheckBack;
import dev.tally.half.CheckBackAnswer;
import dev.tally.half.HalfMessages;
import dev.tally.half.PreparedHalf;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.transport.Capability;
import dev.tally.transport.Transport;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * What a transport with half messages guarantees, at a real broker, beside what every transport does: half messages are
 * seen after their commit and never else, all of a transaction or none, and are asked about where the decision stays out.
 *
 * <p>The broker should ask a second or so after it has stored a half message, and again as soon, so that tests take
 * seconds.
 *
 * @since 0.1
 */
public abstract class HalfMessagesContract extends TransportContract {

    /** Creates the suite. */
    protected HalfMessagesContract() {}

    private static HalfMessages half(Transport transport) {
        assertThat(transport.capabilities()).contains(Capability.HALF_MESSAGES);
        assertThat(transport).isInstanceOf(HalfMessages.class);
        return (HalfMessages) transport;
    }

    private <T> T soon(CompletableFuture<T> future) {
        return future.orTimeout(patience().toSeconds(), TimeUnit.SECONDS).join();
    }

    @Test
    @ShowsFeature(TransportFeature.HALF_MESSAGES)
    void showsHalfMessagesOnlyAfterTheirCommitAndNeverAfterTheirRollback() {
        String topic = topic("half", 2);
        Transport transport = open();
        HalfMessages halves = half(transport);
        halves.onCheckBack((transactionId, messageId) -> CheckBackAnswer.UNKNOWN);
        Message kept = message(topic, "a", "kept");
        Message second = message(topic, null, "second");
        Message dropped = message(topic, "b", "dropped");
        ReceivedMessages received = subscribe(transport, topic, "half", false, 3, deliver());

        List<PreparedHalf> keptHalves = soon(halves.prepare("tx-kept-" + unique(), List.of(kept, second)));
        List<PreparedHalf> droppedHalves = soon(halves.prepare("tx-dropped-" + unique(), List.of(dropped)));
        Message marker = message(topic, "a", "marker");
        send(transport, marker);
        patiently().until(() -> received.ids().contains(marker.id().value()));
        assertThat(received.ids()).containsExactly(marker.id().value());

        assertThat(soon(halves.rollback(droppedHalves))).isTrue();
        assertThat(soon(halves.commit(keptHalves))).isTrue();

        patiently().until(() -> received.ids()
                .containsAll(List.of(kept.id().value(), second.id().value())));
        assertThat(received.ids()).doesNotContain(dropped.id().value());
        assertThat(received.message(kept.id().value()).headers()).isEqualTo(Headers.empty());
        assertThat(received.message(kept.id().value()).key()).isEqualTo("a");
    }

    @Test
    void saysWhichMessagesItHasPreparedInTheirOrder() {
        String topic = topic("prepared", 2);
        HalfMessages halves = half(open());
        halves.onCheckBack((transactionId, messageId) -> CheckBackAnswer.ROLLBACK);
        List<Message> messages = List.of(message(topic, "a", "1"), message(topic, null, "2"), message(topic, "b", "3"));

        List<PreparedHalf> prepared = soon(halves.prepare("tx-" + unique(), messages));

        assertThat(prepared)
                .extracting(PreparedHalf::messageId)
                .containsExactlyElementsOf(messages.stream().map(Message::id).toList());
        assertThat(soon(halves.rollback(prepared))).isTrue();
    }

    @Test
    void showsNothingOfATransactionOfWhichTheBrokerDidNotTakeAll() {
        String topic = topic("all-or-none", 2);
        Transport transport = open();
        HalfMessages halves = half(transport);
        halves.onCheckBack((transactionId, messageId) -> CheckBackAnswer.ROLLBACK);
        ReceivedMessages received = subscribe(transport, topic, "all-or-none", false, 3, deliver());
        Message taken = message(topic, "a", "taken");

        CompletableFuture<List<PreparedHalf>> prepared =
                halves.prepare("tx-part-" + unique(), List.of(taken, neverTaken(topic)));

        assertThatThrownBy(() -> soon(prepared)).hasCauseInstanceOf(Exception.class);
        Message later = message(topic, "a", "later");
        List<PreparedHalf> laterHalves = soon(halves.prepare("tx-later-" + unique(), List.of(later)));
        assertThat(soon(halves.commit(laterHalves))).isTrue();
        patiently().until(() -> received.ids().contains(later.id().value()));
        assertThat(received.ids()).doesNotContain(taken.id().value());
    }

    @Test
    void asksAnInstanceThatNeverSentAnythingWhatBecameOfAnUndecidedHalfMessage() {
        String topic = topic("check", 2);
        String service = "check-" + unique();
        Transport dying = open(service);
        half(dying).onCheckBack((transactionId, messageId) -> CheckBackAnswer.UNKNOWN);
        Message committed = message(topic, "a", "committed");
        Message rolledBack = message(topic, "a", "rolled back");
        String yes = "tx-yes-" + unique();
        String no = "tx-no-" + unique();
        var unusedYes = soon(half(dying).prepare(yes, List.of(committed)));
        var unusedNo = soon(half(dying).prepare(no, List.of(rolledBack)));
        dying.close();

        Map<String, List<String>> asked = new ConcurrentHashMap<>();
        AtomicInteger questions = new AtomicInteger();
        CheckBack answers = (transactionId, messageId) -> {
            asked.computeIfAbsent(transactionId, id -> new CopyOnWriteArrayList<>())
                    .add(messageId.value());
            if (questions.incrementAndGet() == 1) {
                return CheckBackAnswer.UNKNOWN; // asked again
            }
            return transactionId.equals(yes) ? CheckBackAnswer.COMMIT : CheckBackAnswer.ROLLBACK;
        };
        Transport successor = open(service);
        half(successor).onCheckBack(answers);
        ReceivedMessages received = subscribe(successor, topic, "check", false, 3, deliver());

        patiently().until(() -> received.ids().contains(committed.id().value()));
        patiently().until(() -> asked.containsKey(no));
        assertThat(asked.get(yes)).contains(committed.id().value());
        assertThat(received.ids()).doesNotContain(rolledBack.id().value());
    }

    @Test
    void asksAgainWhereTheAnswerFails() {
        String topic = topic("failing-answer", 1);
        Transport transport = open();
        HalfMessages halves = half(transport);
        AtomicInteger questions = new AtomicInteger();
        halves.onCheckBack((transactionId, messageId) -> {
            if (questions.incrementAndGet() == 1) {
                throw new IllegalStateException("the database is away");
            }
            return CheckBackAnswer.COMMIT;
        });
        Message message = message(topic, "a", "asked about");
        ReceivedMessages received = subscribe(transport, topic, "failing-answer", false, 3, deliver());

        var unused = soon(halves.prepare("tx-" + unique(), List.of(message)));

        patiently().until(() -> received.ids().contains(message.id().value()));
        assertThat(questions.get()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void refusesASecondAnswererOfCheckBacks() {
        HalfMessages halves = half(open());
        halves.onCheckBack((transactionId, messageId) -> CheckBackAnswer.UNKNOWN);

        assertThatThrownBy(() -> halves.onCheckBack((transactionId, messageId) -> CheckBackAnswer.UNKNOWN))
                .isInstanceOf(IllegalStateException.class);
    }
}
