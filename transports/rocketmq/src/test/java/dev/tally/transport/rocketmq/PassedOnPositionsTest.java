package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.testkit.scenario.Scenario;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.rocketmq.client.consumer.store.ReadOffsetType;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.Test;

/** What becomes of a position that a broker tells a member whose queue has gone to another one. */
class PassedOnPositionsTest {

    private static final MessageQueue QUEUE = new MessageQueue("orders", "broker", 3);

    private final PositionsInMemory store = new PositionsInMemory();
    private final Set<MessageQueue> here = new HashSet<>();
    private final List<Long> resets = new ArrayList<>();
    private OptionalLong acknowledged = OptionalLong.empty();

    private final PassedOnPositions positions = new PassedOnPositions(
            store,
            here::contains,
            new PassedOnPositions.AtBroker() {
                @Override
                public OptionalLong acknowledged(MessageQueue queue) {
                    return acknowledged;
                }

                @Override
                public void reset(MessageQueue queue, long position) {
                    resets.add(position);
                }
            },
            Runnable::run);

    private long stored() {
        return store.readOffset(QUEUE, ReadOffsetType.READ_FROM_MEMORY);
    }

    @Test
    @Scenario("messaging-31")
    void aMoveIsPassedOnToTheQueuesOwner() {
        acknowledged = OptionalLong.of(40);
        positions.updateAndFreezeOffset(QUEUE, 40);
        assertThat(resets).containsExactly(40L);
    }

    /** The queue of a replica that has taken over ends at 90 or begins at 20; the owner is at 60. */
    @Test
    @Scenario("messaging-31")
    void whereAReplicaEndsOrBeginsIsNotPassedOn() {
        acknowledged = OptionalLong.of(60);
        positions.updateAndFreezeOffset(QUEUE, 90);
        positions.updateAndFreezeOffset(QUEUE, 20);
        acknowledged = OptionalLong.empty();
        positions.updateAndFreezeOffset(QUEUE, 90);
        assertThat(resets).isEmpty();
    }

    @Test
    void nothingIsStoredOfAnothersQueueSinceItWouldBeCommitted() {
        acknowledged = OptionalLong.of(60);
        positions.updateAndFreezeOffset(QUEUE, 90);
        assertThat(stored()).isEqualTo(-1);
    }

    @Test
    void aMoveOfAQueueThatIsHereStaysHere() {
        here.add(QUEUE);
        acknowledged = OptionalLong.of(40);
        positions.updateAndFreezeOffset(QUEUE, 40);
        assertThat(stored()).isEqualTo(40);
        assertThat(resets).isEmpty();
    }
}
