package dev.tally.consume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import dev.tally.audit.AuditEntry;
import dev.tally.consume.ConsumerOperations.Act;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.PositionMove;
import dev.tally.transport.QueuePosition;
import dev.tally.transport.Subscription;
import dev.tally.transport.SubscriptionControl;
import dev.tally.transport.SubscriptionPositions;
import dev.tally.transport.SubscriptionState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConsumerOperationsTest {

    private final List<String> done = new ArrayList<>();
    private final List<AuditEntry> audited = new ArrayList<>();
    private final SubscriptionControl control = new SubscriptionControl() {
        @Override
        public void pause() {
            done.add("pause");
        }

        @Override
        public void resume() {
            done.add("resume");
        }

        @Override
        public void concurrency(int min, int max) {
            done.add("concurrency " + min + " " + max);
        }

        @Override
        public void rate(double messagesPerSecond) {
            done.add("rate " + messagesPerSecond);
        }

        @Override
        public SubscriptionState state(int slowest) {
            throw new UnsupportedOperationException();
        }
    };
    private final SubscriptionPositions positions = new SubscriptionPositions() {
        @Override
        public List<QueuePosition> read(boolean withTimes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<PositionMove> planTo(Instant time) {
            return List.of(
                    PositionMove.numbered("a:0", 10, 4, Instant.ofEpochSecond(50)),
                    PositionMove.numbered("a:1", 10, 17, null));
        }

        @Override
        public PositionMove planTo(String queue, long position) {
            return PositionMove.numbered(queue, 10, position, null);
        }

        @Override
        public void seek(List<PositionMove> moves) {
            done.add("seek " + moves.size() + " after " + audited.size() + " entries");
        }
    };
    private Instant remembered = Instant.ofEpochSecond(40);
    private final ConsumerOperations operations = new ConsumerOperations(
            () -> List.of(
                    new RunningConsumer(
                            new Subscription("orders", "stock", "*", 4, true, 16),
                            "a bean",
                            Optional.of(control),
                            Optional.of(positions)),
                    new RunningConsumer(
                            new Subscription("orders", "audit", "*", 4, true, 16),
                            "a bean",
                            Optional.empty(),
                            Optional.empty())),
            audited::add,
            () -> remembered);

    private static Act act(String group) {
        return new Act("orders", group, "ann", "the database is being moved");
    }

    @Test
    void doesWhatItIsToldAndKeepsWhoAndWhy() {
        operations.pause(act("stock"));
        operations.resume(act("stock"));
        operations.concurrency(act("stock"), 2, 8);
        operations.rate(act("stock"), 50);

        assertThat(done).containsExactly("pause", "resume", "concurrency 2 8", "rate 50.0");
        assertThat(audited)
                .extracting(AuditEntry::action)
                .containsExactly("pause-consumer", "resume-consumer", "change-consumer", "change-consumer");
        assertThat(audited.get(2))
                .isEqualTo(new AuditEntry(
                        "ann",
                        "change-consumer",
                        "orders of group stock",
                        "the database is being moved",
                        "concurrency from 2 to 8"));
    }

    @Test
    void refusesWhatItDoesNotHaveAndRecordsNothing() {
        assertThatExceptionOfType(UnknownConsumerException.class)
                .isThrownBy(() -> operations.pause(act("billing")))
                .withMessageContaining("billing")
                .withMessageContaining("orders/stock");
        assertThatExceptionOfType(UnknownConsumerException.class)
                .isThrownBy(() -> operations.pause(act("audit")))
                .withMessageContaining("transport");
        assertThatIllegalArgumentException().isThrownBy(() -> operations.concurrency(act("stock"), 3, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> operations.rate(act("stock"), -1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> operations.pause(new Act("orders", "stock", "ann", " ")))
                .withMessageContaining("nothing was done");

        assertThat(done).isEmpty();
        assertThat(audited).isEmpty();
    }

    @Test
    void movesAGroupAndSaysBeforeWhatItSkipsAndReplays() {
        Instant time = Instant.ofEpochSecond(60);
        assertThat(operations.previewToTime("orders", "stock", time)).hasSize(2);
        assertThat(operations.previewToPosition("orders", "stock", "a:1", 12)).hasSize(1);
        assertThat(done).isEmpty();
        assertThat(audited).isEmpty();

        operations.seekToTime(act("stock"), time, false);
        operations.seekToPosition(act("stock"), "a:1", 12, false);

        assertThat(done).containsExactly("seek 2 after 1 entries", "seek 1 after 2 entries");
        assertThat(audited)
                .extracting(AuditEntry::action, AuditEntry::detail)
                .containsExactly(
                        tuple(
                                "seek-consumer",
                                "from 1970-01-01T00:01:00Z: skips 7 messages and replays 6; a:0 from 10 to 4, a:1 from"
                                        + " 10 to 17"),
                        tuple(
                                "seek-consumer",
                                "from position 12 of a:1: skips 2 messages and replays 0; a:1 from 10 to 12"));
        assertThatExceptionOfType(UnknownConsumerException.class)
                .isThrownBy(() -> operations.seekToTime(act("audit"), time, false))
                .withMessageContaining("no positions");
    }

    @Scenario("messaging-30")
    @Test
    void replaysWhatTheInboxHasForgottenOnlyWhereItIsForced() {
        remembered = Instant.ofEpochSecond(51);
        Instant time = Instant.ofEpochSecond(60);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> operations.seekToTime(act("stock"), time, false))
                .withMessageContaining("a:0")
                .withMessageContaining("a second time");
        assertThatIllegalArgumentException()
                .as("no time is known of what is there")
                .isThrownBy(() -> operations.seekToPosition(act("stock"), "a:1", 2, false));
        assertThat(done).isEmpty();
        assertThat(audited).isEmpty();

        operations.seekToTime(act("stock"), time, true);
        assertThat(audited).hasSize(1);
        assertThat(audited.get(0).detail()).contains("FORCED");
        assertThat(done).hasSize(1);
    }
}
