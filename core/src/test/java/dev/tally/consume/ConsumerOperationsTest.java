package dev.tally.consume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tally.audit.AuditEntry;
import dev.tally.consume.ConsumerOperations.Act;
import dev.tally.transport.Subscription;
import dev.tally.transport.SubscriptionControl;
import dev.tally.transport.SubscriptionState;
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
    private final ConsumerOperations operations = new ConsumerOperations(
            () -> List.of(
                    new RunningConsumer(
                            new Subscription("orders", "stock", "*", 4, true, 16), "a bean", Optional.of(control)),
                    new RunningConsumer(
                            new Subscription("orders", "audit", "*", 4, true, 16), "a bean", Optional.empty())),
            audited::add);

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
}
