package dev.tally.broker.engine;

import static dev.tally.broker.engine.StoreFixture.TOPIC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.store.EndedPop;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.PopCall;
import dev.tally.broker.store.PopExtension;
import dev.tally.broker.store.PopReceipt;
import dev.tally.broker.store.Popped;
import dev.tally.broker.store.RequestMode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;

class PopTest {

    private static final String GROUP = "poppers";
    private static final long MINUTE = 60_000;

    private final StoreFixture fixture = StoreFixture.opened();

    private PopCall call(int max, boolean ordered, String attemptId, LongPredicate filter) {
        return new PopCall(
                GROUP, TOPIC, 0, true, max, 1 << 20, fixture.clock.millis(), MINUTE, ordered, attemptId, filter, null);
    }

    private Popped pop(int max) {
        return fixture.store.pop(call(max, false, "", tag -> true)).join();
    }

    private Popped popInOrder(int max, String attemptId) {
        return fixture.store.pop(call(max, true, attemptId, tag -> true)).join();
    }

    private static List<String> bodies(Popped popped) {
        return popped.messages().stream()
                .map(message -> StoreFixture.body(message.message()))
                .toList();
    }

    private static PopReceipt receipt(Popped popped, int index) {
        return new PopReceipt(
                GROUP, TOPIC, 0, popped.messages().get(index).message().queueOffset(), popped.popMillis());
    }

    private boolean acknowledge(PopReceipt receipt) {
        return fixture.store.acknowledge(List.of(receipt)).join().get(0);
    }

    private long progress() {
        return fixture.store.committedOffset(GROUP, TOPIC, 0).orElse(-1);
    }

    private void fill(int count) {
        for (int i = 0; i < count; i++) {
            fixture.append("m" + i);
        }
    }

    private void restartInEachWay() {
        String before = StateDump.of(fixture.store);
        fixture.crashAndReopen();
        assertThat(StateDump.of(fixture.store)).isEqualTo(before);
        fixture.store.snapshot().join();
        fixture.crashAndReopen();
        assertThat(StateDump.of(fixture.store)).as("from a snapshot").isEqualTo(before);
        fixture.crash(Loss.NOTHING);
        fixture.loseDerived();
        fixture.open();
        assertThat(StateDump.of(fixture.store)).as("from the log alone").isEqualTo(before);
    }

    @Test
    void handsEachMessageToOneConsumerAndMovesTheProgressOnlyPastWhatIsDone() {
        fill(5);
        Popped one = pop(2);
        Popped other = pop(10);

        assertThat(bodies(one)).containsExactly("m0", "m1");
        assertThat(bodies(other)).containsExactly("m2", "m3", "m4");
        assertThat(pop(10).messages()).isEmpty();
        assertThat(progress()).isZero();
        assertThat(acknowledge(receipt(one, 1))).isTrue();
        assertThat(acknowledge(receipt(other, 0))).isTrue();
        assertThat(progress()).as("m0 is not done").isZero();
        assertThat(acknowledge(receipt(one, 0))).isTrue();
        assertThat(progress()).isEqualTo(3);
        assertThat(acknowledge(receipt(other, 1))).isTrue();
        assertThat(acknowledge(receipt(other, 2))).isTrue();
        assertThat(progress()).isEqualTo(5);
        assertThat(fixture.store.poppedInFlight()).isZero();
    }

    @Test
    void remembersAcrossRestartsWhoHasWhat() {
        fill(4);
        Popped popped = pop(3);
        assertThat(acknowledge(receipt(popped, 1))).isTrue();
        fixture.append("forces what nobody waited for");
        restartInEachWay();

        assertThat(bodies(pop(10))).containsExactly("m3", "forces what nobody waited for");
        assertThat(acknowledge(receipt(popped, 0))).isTrue();
        assertThat(progress()).isEqualTo(2);
        fixture.clock.advance(Duration.ofMillis(MINUTE));
        assertThat(fixture.store.pollEndedPops(10))
                .extracting(ended -> ended.receipt().offset())
                .containsExactlyInAnyOrder(2L, 3L, 4L);
    }

    @Test
    void refusesTheAcknowledgementsOfADeliveryThatIsOverAndOfOtherGroups() {
        fill(1);
        PopReceipt first = receipt(pop(1), 0);
        assertThat(acknowledge(new PopReceipt("others", TOPIC, 0, first.offset(), first.popMillis())))
                .isFalse();
        assertThat(acknowledge(new PopReceipt(GROUP, TOPIC, 0, first.offset(), first.popMillis() - 1)))
                .isFalse();
        assertThat(acknowledge(new PopReceipt(GROUP, TOPIC, 0, first.offset() + 7, first.popMillis())))
                .isFalse();
        PopExtension extension = fixture.store.extendPop(first, 1000).join();
        assertThat(extension).isNotNull();
        assertThat(acknowledge(first)).as("it has another receipt now").isFalse();
        PopReceipt second = new PopReceipt(GROUP, TOPIC, 0, first.offset(), extension.popMillis());
        assertThat(acknowledge(second)).isTrue();
        assertThat(acknowledge(second)).as("again").isTrue();
        assertThat(acknowledge(first)).isFalse();
        assertThat(fixture.store.extendPop(second, 1000).join()).isNull();
    }

    @Test
    void writesWhatWasNotAcknowledgedAgainTogetherWithTheEndOfTheDelivery() {
        fill(2);
        Popped popped = pop(2);
        fixture.clock.advance(Duration.ofMillis(MINUTE - 1));
        assertThat(fixture.store.pollEndedPops(10)).isEmpty();
        fixture.clock.advance(Duration.ofMillis(1));
        List<EndedPop> ended = fixture.store.pollEndedPops(10);
        assertThat(ended).hasSize(2);
        assertThat(fixture.store.pollEndedPops(10)).as("not again at once").isEmpty();

        assertThat(acknowledge(receipt(popped, 0)))
                .as("late, but before the end")
                .isTrue();
        NewMessage copy =
                new NewMessage("retry", 0, 0, ByteBuffer.wrap("copy".getBytes(StandardCharsets.UTF_8)), Duration.ZERO);
        assertThat(fixture.store.endPop(receipt(popped, 0), copy).join()).isFalse();
        assertThat(fixture.store.maxOffset("retry", 0)).isZero();
        assertThat(fixture.store.endPop(receipt(popped, 1), copy).join()).isTrue();
        assertThat(fixture.store.maxOffset("retry", 0)).isEqualTo(1);
        assertThat(acknowledge(receipt(popped, 1))).as("too late").isFalse();
        assertThat(progress()).isEqualTo(2);
        restartInEachWay();
    }

    @Test
    void theFirstOfWhatEndsADeliveryInOneBatchWins() {
        fill(2);
        Popped popped = pop(2);
        fixture.workers.hold();
        CompletableFuture<List<Boolean>> first = fixture.store.acknowledge(List.of(receipt(popped, 0)));
        CompletableFuture<List<Boolean>> again = fixture.store.acknowledge(List.of(receipt(popped, 0)));
        CompletableFuture<Boolean> end = fixture.store.endPop(receipt(popped, 0), null);
        CompletableFuture<PopExtension> extended = fixture.store.extendPop(receipt(popped, 1), 5);
        CompletableFuture<List<Boolean>> late = fixture.store.acknowledge(List.of(receipt(popped, 1)));
        fixture.workers.release();

        assertThat(first.join()).containsExactly(true);
        assertThat(again.join()).containsExactly(true);
        assertThat(end.join()).isFalse();
        assertThat(extended.join()).isNotNull();
        assertThat(late.join()).containsExactly(false);
    }

    @Test
    void anotherPopOfTheQueueWaitsForTheFirstOne() {
        fill(2);
        fixture.workers.hold();
        CompletableFuture<Popped> first = fixture.store.pop(call(1, false, "", tag -> true));
        assertThat(fixture.store.poppable(GROUP, TOPIC, 0, false, "")).isFalse();
        assertThat(pop(1).messages()).isEmpty();
        fixture.workers.release();
        assertThat(bodies(first.join())).containsExactly("m0");
        assertThat(fixture.store.poppable(GROUP, TOPIC, 0, false, "")).isTrue();
        assertThat(bodies(pop(1))).containsExactly("m1");
    }

    @Test
    void progressThatIsSetWhileAPopIsWrittenWinsAndLosesNothing() {
        fill(6);
        Popped before = pop(2);
        fixture.workers.hold();
        CompletableFuture<Void> reset = fixture.store.commitOffset(GROUP, TOPIC, 0, 4);
        CompletableFuture<Popped> popped = fixture.store.pop(call(10, false, "", tag -> true));
        fixture.workers.release();
        reset.join();
        assertThat(popped.join().messages()).isEmpty();
        assertThat(bodies(pop(10))).containsExactly("m4", "m5");
        assertThat(acknowledge(receipt(before, 0))).isFalse();
        fixture.store.commitOffset(GROUP, TOPIC, 0, 1).join();
        assertThat(bodies(pop(10))).containsExactly("m1", "m2", "m3", "m4", "m5");
        fixture.append("forces what nobody waited for");
        restartInEachWay();
    }

    @Test
    void passesOverWhatTheFilterRefuses() {
        fill(5);
        Popped popped = fixture.store
                .pop(call(10, false, "", tag -> tag == "m2".hashCode()))
                .join();
        assertThat(bodies(popped)).containsExactly("m2");
        assertThat(progress()).isEqualTo(2);
        assertThat(acknowledge(receipt(popped, 0))).isTrue();
        assertThat(progress()).isEqualTo(5);
        fixture.append("m5");
        assertThat(fixture.store.pop(call(10, false, "", tag -> false)).join().messages())
                .isEmpty();
        assertThat(progress()).isEqualTo(6);
    }

    @Test
    void inOrderNothingPassesWhatIsNotDone() {
        fill(4);
        Popped first = popInOrder(2, "a");
        assertThat(popInOrder(2, "b").messages()).isEmpty();
        Popped repeated = popInOrder(2, "a");
        assertThat(bodies(repeated)).containsExactly("m0", "m1");
        assertThat(repeated.messages().get(0).redelivered())
                .as("a repeat is no redelivery")
                .isZero();
        assertThat(acknowledge(receipt(first, 0))).as("the repeat has it now").isFalse();
        assertThat(acknowledge(receipt(repeated, 1))).isTrue();
        assertThat(popInOrder(2, "b").messages()).isEmpty();
        assertThat(progress()).isZero();

        fixture.clock.advance(Duration.ofMillis(MINUTE));
        assertThat(fixture.store.pollEndedPops(10)).allMatch(EndedPop::ordered).hasSize(1);
        Popped again = popInOrder(2, "b");
        assertThat(bodies(again)).as("what is done does not come again").containsExactly("m0", "m2");
        assertThat(again.messages()).extracting(Popped.Message::redelivered).containsExactly(1, 0);
        fixture.append("forces what nobody waited for");
        restartInEachWay();
        assertThat(popInOrder(2, "c").messages()).isEmpty();
        assertThat(acknowledge(receipt(repeated, 0))).isFalse();
        assertThat(acknowledge(receipt(again, 0))).isTrue();
        assertThat(acknowledge(receipt(again, 1))).isTrue();
        assertThat(bodies(popInOrder(2, "c"))).containsExactly("m3", "forces what nobody waited for");
    }

    @Test
    void inOrderAnExtensionKeepsTheReceiptAndBlocksForItsTime() {
        fill(2);
        Popped first = popInOrder(1, "a");
        fixture.clock.advance(Duration.ofSeconds(10));
        PopExtension extension =
                fixture.store.extendPop(receipt(first, 0), 5_000).join();
        assertThat(extension).isEqualTo(new PopExtension(first.popMillis(), 15_000));
        fixture.clock.advance(Duration.ofMillis(4_999));
        assertThat(popInOrder(1, "b").messages()).isEmpty();
        fixture.clock.advance(Duration.ofMillis(1));
        assertThat(bodies(popInOrder(1, "b"))).containsExactly("m0");
    }

    @Test
    void aJumpOfTheWallClockEndsNoDelivery() {
        fill(1);
        pop(1);
        fixture.clock.jumpWall(Duration.ofDays(3));
        assertThat(fixture.store.pollEndedPops(1)).isEmpty();
        fixture.clock.jumpWall(Duration.ofDays(-3000));
        fixture.clock.advance(Duration.ofMillis(MINUTE));
        assertThat(fixture.store.pollEndedPops(1)).hasSize(1);
    }

    @Test
    void aWallClockSetBackDuringARestartKeepsADeliveryForItsWholeTimeAtMost() {
        fill(1);
        pop(1);
        fixture.append("forces what nobody waited for");
        fixture.clock.jumpWall(Duration.ofDays(-3));
        fixture.crashAndReopen();
        fixture.clock.advance(Duration.ofMillis(MINUTE));
        assertThat(fixture.store.pollEndedPops(1)).hasSize(1);
    }

    @Test
    void keepsHowGroupsGetTheirMessages() {
        RequestMode mode = new RequestMode(GROUP, TOPIC, true, 3);
        fixture.store.saveRequestMode(mode).join();
        restartInEachWay();
        assertThat(fixture.store.requestMode(GROUP, TOPIC)).isEqualTo(mode);
        assertThat(fixture.store.requestMode("others", TOPIC)).isNull();
    }

    @Test
    void aTopicThatIsDeletedTakesWhatIsHandedOutWithIt() {
        fill(3);
        Popped popped = pop(2);
        assertThat(fixture.store.deleteTopic(TOPIC).join()).isTrue();
        assertThat(fixture.store.poppedInFlight()).isZero();
        assertThat(acknowledge(receipt(popped, 0))).isFalse();
        restartInEachWay();
        fixture.append("new");
        assertThat(bodies(pop(10))).containsExactly("new");
        assertThat(progress()).isEqualTo(3);
    }
}
