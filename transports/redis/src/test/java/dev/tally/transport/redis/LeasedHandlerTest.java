package dev.tally.transport.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeasedHandlerTest {

    private final List<String> handled = new ArrayList<>();
    private final List<String> noted = new ArrayList<>();

    private final class Partition implements StreamDelivery.Origin {

        private boolean holds = true;

        @Override
        public boolean holds() {
            return holds;
        }

        @Override
        public void settled(StreamDelivery delivery, DeliveryOutcome outcome) {}

        @Override
        public void failed(StreamDelivery delivery, int attempts) {
            noted.add(delivery.id() + " " + attempts);
        }
    }

    private StreamDelivery delivery(Partition partition, String id, int attempt) {
        Message message =
                new Message(new MessageId(id), Destination.topic("t"), "k", "t", Headers.empty(), new byte[0]);
        return new StreamDelivery(id, new ReceivedMessage(message, attempt), partition);
    }

    private LeasedHandler handler(DeliveryOutcome... outcomes) {
        return new LeasedHandler(
                batch -> {
                    batch.forEach(each -> handled.add(each.message().id().value()));
                    return List.of(outcomes);
                },
                true);
    }

    @Test
    void letsBeginOnlyWhatTheMemberStillHas() {
        Partition held = new Partition();
        Partition gone = new Partition();
        gone.holds = false;
        StreamDelivery one = delivery(gone, "one", 1);
        StreamDelivery two = delivery(held, "two", 1);
        StreamDelivery three = delivery(gone, "three", 1);
        LeasedHandler handler = handler(new DeliveryOutcome.Delivered());
        handler.arrived(List.of(one, two, three));

        List<DeliveryOutcome> outcomes = handler.handle(List.of(one.received(), two.received(), three.received()));

        assertThat(handled).containsExactly("two");
        assertThat(outcomes).hasSize(3);
        assertThat(outcomes.get(0)).isInstanceOf(DeliveryOutcome.Later.class);
        assertThat(outcomes.get(1)).isInstanceOf(DeliveryOutcome.Delivered.class);
        assertThat(outcomes.get(2)).isInstanceOf(DeliveryOutcome.Later.class);
    }

    @Test
    void countsWhatWasTriedAndNotWhatWaitedBehindIt() {
        Partition held = new Partition();
        StreamDelivery bad = delivery(held, "bad", 2);
        StreamDelivery behind = delivery(held, "behind", 2);
        LeasedHandler handler = handler(new DeliveryOutcome.Retry("no"), new DeliveryOutcome.Retry("behind"));
        handler.arrived(List.of(bad, behind));
        assertThat(bad.attempts()).isEqualTo(1);

        handler.handle(List.of(bad.received(), behind.received()));
        assertThat(noted).as("the server has counted this delivery itself").isEmpty();
        assertThat(bad.attempts()).isEqualTo(2);
        assertThat(behind.attempts()).isEqualTo(1);

        handler.handle(List.of(bad.received().after(1), behind.received()));
        assertThat(noted).containsExactly("bad 3");
        assertThat(bad.attempts()).isEqualTo(3);
        assertThat(behind.attempts()).isEqualTo(1);
    }

    @Test
    void doesNotCountWhatCouldNotBeTried() {
        Partition held = new Partition();
        StreamDelivery one = delivery(held, "one", 4);
        LeasedHandler handler = handler(new DeliveryOutcome.Later("the database is away"));
        handler.arrived(List.of(one));
        handler.handle(List.of(one.received()));
        assertThat(one.attempts()).isEqualTo(3);
    }
}
