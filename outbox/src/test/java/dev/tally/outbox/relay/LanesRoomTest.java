package dev.tally.outbox.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.outbox.OutboxSettings;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two reads at the same time, and the room that they may take. */
class LanesRoomTest {

    private final AtomicInteger freed = new AtomicInteger();
    private final Lanes lanes = new Lanes(
            OutboxSettings.builder().memoryEntries(40).build(),
            InstantSource.system(),
            () -> {},
            freed::incrementAndGet);

    @BeforeEach
    void keepALane() {
        lanes.openGate();
        lanes.keep("#1", 1);
        lanes.marked(Map.of("#1", 1L), List.of());
    }

    @Test
    void aReadOfLanesLeavesTheRoomToAReadThatHasBegun() {
        assertThat(lanes.beginRead(20)).isEqualTo(20);
        assertThat(lanes.roomForBacklog()).isZero();
        assertThat(lanes.beginLaneRead(10)).isNull();
        lanes.readFailed();
        assertThat(freed.get()).as("told that it may read after all").isEqualTo(1);
        assertThat(lanes.beginLaneRead(10)).isNotNull();
    }

    @Test
    void aReadOfRowsWithoutKeysLeavesTheRoomToAReadOfLanes() {
        assertThat(lanes.beginLaneRead(20)).isNotNull();
        assertThat(lanes.beginRead(20)).isZero();
        lanes.laneReadFailed();
        assertThat(freed.get()).isEqualTo(1);
        assertThat(lanes.beginRead(20)).isEqualTo(20);
        lanes.load(List.of(), HeldEntry.Origin.SPILLED);
        assertThat(freed.get()).as("nobody was refused").isEqualTo(1);
        assertThat(lanes.roomForBacklog()).isEqualTo(20);
    }
}
