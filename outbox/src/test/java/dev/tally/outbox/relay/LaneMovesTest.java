package dev.tally.outbox.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A lane goes from one living node to another. */
class LaneMovesTest {

    private static final Duration MOMENT = Duration.ofMillis(10);

    private final RelayWorld world = new RelayWorld(1);
    private final RelayWorld.Process first =
            world.new Process(RelayWorld.settings().build());
    private final String key = keyThatTheSecondNodeGets();
    private final String lane = new LaneNames(8).of(key);

    private static String keyThatTheSecondNodeGets() {
        LaneNames names = new LaneNames(8);
        var shares = LaneShares.of(names.all(), Set.of("node0", "node1"));
        return IntStream.range(0, 1000)
                .mapToObj(number -> "k" + number)
                .filter(candidate -> "node1".equals(shares.get(names.of(candidate))))
                .findFirst()
                .orElseThrow();
    }

    @BeforeEach
    void firstIsAlone() {
        world.time.advance(Duration.ofSeconds(10));
        first.publish(key, "before");
        world.time.advance(Duration.ofSeconds(1));
        assertThat(world.ids()).containsExactly("before");
    }

    private RelayWorld.Process joins() {
        return world.new Process(RelayWorld.settings().build());
    }

    private void advanceUntil(String what, BooleanSupplier condition) {
        for (int moments = 0; !condition.getAsBoolean(); moments++) {
            assertThat(moments).as(what).isLessThan(1000);
            world.time.advance(MOMENT);
        }
    }

    private boolean isWithSecond() {
        return "node1".equals(world.table.keeperOf(lane));
    }

    @Scenario("messaging-7")
    @Test
    void itMovesAsSoonAsNothingOfItIsUnderWayHoweverMuchIsInMemoryAndNothingGoesOutTwice() {
        world.latency = message -> Duration.ofMillis(100);
        String[] ids = IntStream.range(0, 500).mapToObj(number -> "m" + number).toArray(String[]::new);
        first.publish(key, ids);
        joins();
        advanceUntil("the lane has moved", this::isWithSecond);
        assertThat(world.ids()).hasSizeLessThan(400);
        assertThat(first.relay.stats().pendingInMemory()).isZero();
        world.time.advance(Duration.ofMinutes(5));
        assertThat(world.firstDeliveries(key))
                .startsWith("before")
                .endsWith(ids)
                .hasSize(501);
        assertThat(world.ids()).doesNotHaveDuplicates();
        assertThat(world.table.rows).isEmpty();
    }

    /** Its row was sent and removed by the next keeper, so that it is gone says nothing about the transaction. */
    @Scenario("messaging-2")
    @Test
    void aTransactionWhoseEndIsUnknownIsNotTakenForRolledBackWhenItsLaneWasGivenAway() {
        RelayWorld.Transaction transaction =
                first.prepare(List.of(RelayWorld.message(key, "a"), RelayWorld.message(null, "u")));
        joins();
        advanceUntil("the lane has moved", this::isWithSecond);
        transaction.commit();
        advanceUntil(
                "the next keeper has sent what is in the lane",
                () -> world.ids().contains("a") && world.table.rows.size() == 1);
        transaction.settlement().unknown();
        world.time.advance(Duration.ofMinutes(1));
        assertThat(world.ids()).containsExactly("before", "a", "u");
        assertThat(world.table.rows).isEmpty();
    }

    @Test
    void whatIsInsertedWhileItsLaneMovesIsLeftToTheNextKeeper() {
        world.table.meanwhile = () -> {
            world.table.meanwhile = () -> {};
            joins();
            advanceUntil("the lane has moved", this::isWithSecond);
        };
        first.publish(key, "a", "b");
        world.time.advance(Duration.ofMinutes(1));
        assertThat(world.firstDeliveries(key)).containsExactly("before", "a", "b");
        assertThat(world.ids()).doesNotHaveDuplicates();
        assertThat(first.relay.stats().pendingInMemory()).isZero();
    }
}
