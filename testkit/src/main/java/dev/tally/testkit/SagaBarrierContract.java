package dev.tally.testkit;

import static dev.tally.saga.message.ReplyOutcome.DONE;
import static dev.tally.saga.message.ReplyOutcome.EXPIRED;
import static dev.tally.saga.message.ReplyOutcome.FAILED;
import static dev.tally.saga.message.ReplyOutcome.FENCED;
import static dev.tally.saga.message.ReplyOutcome.FORGOTTEN;
import static dev.tally.saga.message.ReplyOutcome.REFUSED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.message.Message;
import dev.tally.saga.message.NoContent;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.message.SagaCommand;
import dev.tally.saga.participant.BarrierStore;
import dev.tally.testkit.StockParticipant.Charge;
import dev.tally.testkit.StockParticipant.Release;
import dev.tally.testkit.StockParticipant.Reserve;
import dev.tally.testkit.StockParticipant.Shelf;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.DeliveryOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/**
 * What the barrier of saga participants guarantees on every database: each command takes effect once, whatever comes twice,
 * late, in the wrong order or at the same time. A database is added by a subclass that says how to open it; a barrier of one's
 * own by {@link #createBarrier}.
 *
 * @since 0.1
 */
public abstract class SagaBarrierContract extends ParticipantFixture {

    private static final int ROUNDS = 25;

    /** Creates the suite; the database is opened before each test. */
    protected SagaBarrierContract() {}

    @Scenario("saga-5")
    @Test
    void aCommandThatComesTwiceTakesEffectOnceAndGetsTheSameAnswerTwice() {
        delivered(node, reserve("s"));
        delivered(node, message(attempt(action("s"), 2), new Reserve("lamp")));

        assertThat(effects("s")).containsExactly("reserved");
        List<SentReplies.Sent> sent = replies.to("s");
        assertThat(sent).extracting(SentReplies.Sent::outcome).containsExactly(DONE, DONE);
        assertThat(sent).extracting(SentReplies.Sent::type).containsOnly("reserved");
        assertThat(sent).extracting(SentReplies.Sent::payload).containsOnly("{\"item\":\"lamp\",\"shelf\":7}");
        assertThat(sent).extracting(SentReplies.Sent::topic).containsOnly("saga-replies");
        assertThat(sent).extracting(each -> each.reply().attempt()).containsExactly(1, 2);
    }

    @Scenario("saga-6")
    @Test
    void aCommandThatComesToTwoNodesAtTheSameTimeTakesEffectOnce() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Message command = reserve("s" + round);
            together(List.of(
                    () -> delivered(node, command),
                    () -> delivered(other, command),
                    () -> delivered(node, command),
                    () -> delivered(other, command)));

            assertThat(effects("s" + round)).containsExactly("reserved");
            assertThat(outcomes("s" + round)).containsExactly(DONE, DONE, DONE, DONE);
        }
    }

    @Scenario("saga-6")
    @Test
    void batchesWithTheSameCommandsInAnotherOrderDoNotLockEachOtherOut() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            List<Message> commands = new ArrayList<>();
            for (int saga = 0; saga < 8; saga++) {
                commands.add(reserve("s" + round + "-" + saga));
            }
            List<Message> backwards = new ArrayList<>(commands);
            Collections.reverse(backwards);
            together(List.of(
                    () -> delivered(node, commands.toArray(Message[]::new)),
                    () -> delivered(other, backwards.toArray(Message[]::new))));

            for (Message command : commands) {
                assertThat(effects(String.valueOf(command.key()))).containsExactly("reserved");
                assertThat(outcomes(String.valueOf(command.key()))).containsExactly(DONE, DONE);
            }
        }
    }

    @Scenario("saga-7")
    @Test
    void whatWasCommittedByAProcessThatDiedIsAnsweredFromTheStoredReply() {
        delivered(node, reserve("s"));
        int unused = jdbc().update("DELETE FROM sent_reply");

        delivered(other, reserve("s"));

        assertThat(effects("s")).containsExactly("reserved");
        assertThat(replies.to("s"))
                .extracting(SentReplies.Sent::payload)
                .containsExactly("{\"item\":\"lamp\",\"shelf\":7}");
    }

    @Scenario("saga-13")
    @Test
    void aCompensationWithoutItsActionChangesNothingAndLeavesATombstone() {
        delivered(node, release("s"));
        delivered(node, release("s"));

        assertThat(effects("s")).isEmpty();
        assertThat(outcomes("s")).containsExactly(DONE, DONE);
        assertThat(state("s")).isEqualTo("UNDONE_EMPTY");
    }

    @Scenario("saga-14")
    @Test
    void anActionThatComesMonthsAfterItsCompensationIsFenced() {
        Message late = reserve("s");
        delivered(node, release("s"));
        passes(RETENTION.minusDays(1));

        delivered(other, late);

        assertThat(effects("s")).isEmpty();
        assertThat(outcomes("s")).containsExactly(DONE, FENCED);
    }

    @Scenario("saga-14")
    @Test
    void anActionThatComesAgainAfterItWasUndoneIsFenced() {
        delivered(node, reserve("s"), release("s"), reserve("s"));

        assertThat(effects("s")).containsExactly("released", "reserved");
        assertThat(outcomes("s")).containsExactly(DONE, DONE, FENCED);
    }

    @Scenario("saga-15")
    @Test
    void ofAnActionAndItsCompensationAtTheSameTimeBothStandOrNone() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            String saga = "s" + round;
            Message action = reserve(saga);
            Message undo = release(saga);
            together(List.of(
                    () -> delivered(node, action),
                    () -> delivered(other, undo),
                    () -> delivered(other, action),
                    () -> delivered(node, undo)));

            assertUndone(saga);
            assertThat(outcomes(saga)).hasSize(4).containsAnyOf(DONE).doesNotContain(FAILED);
        }
    }

    private void assertUndone(String saga) {
        List<String> effects = effects(saga);
        assertThat(effects).as("effects of " + saga).isIn(List.of(), List.of("released", "reserved"));
        assertThat(state(saga)).isEqualTo(effects.isEmpty() ? "UNDONE_EMPTY" : "UNDONE");
    }

    @Scenario("saga-16")
    @Test
    void aCompensationThatComesTwiceTakesEffectOnce() throws Exception {
        delivered(node, reserve("s"), release("s"));
        delivered(other, release("s"));
        delivered(node, reserve("t"));
        Message undo = release("t");
        together(List.of(() -> delivered(node, undo), () -> delivered(other, undo)));

        assertThat(effects("s")).containsExactly("released", "reserved");
        assertThat(effects("t")).containsExactly("released", "reserved");
        assertThat(outcomes("t")).containsExactly(DONE, DONE, DONE);
    }

    @Scenario("saga-16")
    @Test
    void aCompensationThatComesWhileItRunsWaitsForItsEnd() throws Exception {
        delivered(node, reserve("s"));
        Message undo = release("s");
        List<CompletableFuture<List<DeliveryOutcome>>> second = new ArrayList<>();
        stock.whileWorking = step -> {
            if (second.isEmpty()) {
                second.add(beside(() -> other.deliver(undo)));
                // It cannot end before this one has: there is nothing to wait for but the time.
                assertThatExceptionOfType(TimeoutException.class)
                        .isThrownBy(() -> second.get(0).get(300, TimeUnit.MILLISECONDS));
            }
        };
        delivered(node, undo);

        assertThat(second.get(0).get(60, TimeUnit.SECONDS)).allMatch(DeliveryOutcome.Delivered.class::isInstance);
        assertThat(effects("s")).containsExactly("released", "reserved");
        assertThat(outcomes("s")).containsExactly(DONE, DONE, DONE);
    }

    @Scenario("saga-17")
    @Test
    void workOutsideOfTransactionsThatFailedHalfWayIsUndone() {
        stock.whileWorking = step -> {
            if (!step.undo()) {
                throw new IllegalStateException("no answer");
            }
        };
        delivered(node, charge("s"));
        assertThat(state("s")).isEqualTo("STARTED");

        delivered(node, refund("s"));

        assertThat(stock.charges).containsExactly("s:step");
        assertThat(stock.refunds).containsExactly("s:step:undo");
        assertThat(outcomes("s")).containsExactly(FAILED, DONE);
        assertThat(state("s")).isEqualTo("UNDONE");
    }

    @Scenario("saga-17")
    @Test
    void workOutsideOfTransactionsThatFailedHalfWayRunsAgainWithTheSameKey() {
        stock.whileWorking = step -> {
            if (stock.charges.size() == 1) {
                throw new IllegalStateException("no answer");
            }
        };
        delivered(node, charge("s"));
        delivered(other, message(attempt(action("s"), 2), new Charge("visa")));
        delivered(other, charge("s"));

        assertThat(stock.charges).containsExactly("s:step", "s:step");
        assertThat(outcomes("s")).containsExactly(FAILED, DONE, DONE);
        assertThat(state("s")).isEqualTo("ACTED");
    }

    @Scenario("saga-17")
    @Test
    void workOutsideOfTransactionsWhoseProcessDiedIsUndoneAfterTheLimit() {
        stock.whileWorking = step -> {
            if (!step.undo()) {
                throw new Death();
            }
        };
        dies(charge("s"));

        assertThat(node.deliver(refund("s"))).allMatch(DeliveryOutcome.Retry.class::isInstance);
        assertThat(stock.refunds).isEmpty();
        workLimitPasses();
        delivered(node, refund("s"));

        assertThat(stock.refunds).containsExactly("s:step:undo");
        assertThat(outcomes("s")).containsExactly(DONE);
    }

    /** What nothing in a participant catches, as if the process were gone. */
    static final class Death extends Error {
        private static final long serialVersionUID = 1;
    }

    private void dies(Message message) {
        try {
            List<DeliveryOutcome> unused = node.deliver(message);
        } catch (Death e) {
            return;
        }
        throw new AssertionError("it lives");
    }

    @Scenario("saga-15")
    @Test
    void aCompensationWaitsForWorkOutsideOfTransactionsThatIsUnderWay() throws Exception {
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        stock.whileWorking = step -> {
            working.countDown();
            boolean unused = awaited(() -> go.await(60, TimeUnit.SECONDS));
        };
        CompletableFuture<List<DeliveryOutcome>> action = beside(() -> node.deliver(charge("s")));
        assertThat(working.await(60, TimeUnit.SECONDS)).isTrue();

        assertThat(other.deliver(refund("s"), refund("s"))).allMatch(DeliveryOutcome.Retry.class::isInstance);
        assertThat(other.deliver(charge("s"))).allMatch(DeliveryOutcome.Retry.class::isInstance);
        assertThat(stock.refunds).isEmpty();
        go.countDown();
        assertThat(action.get(60, TimeUnit.SECONDS)).allMatch(DeliveryOutcome.Delivered.class::isInstance);
        delivered(other, refund("s"));

        assertThat(stock.charges).containsExactly("s:step");
        assertThat(stock.refunds).containsExactly("s:step:undo");
        assertThat(outcomes("s")).containsExactly(DONE, DONE);
    }

    @Scenario("saga-45")
    @Test
    void whatAPurgedRowWouldTellIsNotDoneAgain() {
        SagaCommand old = action("s");
        delivered(node, message(old, new Reserve("lamp")));
        passes(RETENTION.plusMillis(1));

        delivered(node, message(old, new Reserve("lamp")));
        delivered(
                node,
                message(
                        new SagaCommand("s", "order", "step", 1, true, null, old.startedAt(), old.replyTo()),
                        new Release("lamp")));

        assertThat(effects("s")).containsExactly("reserved");
        assertThat(outcomes("s")).containsExactly(DONE, FORGOTTEN, FORGOTTEN);
    }

    @Scenario("saga-45")
    @Test
    void aRowIsPurgedByTheAgeOfItsSagaAndNotBeforeItsCommandsAreForgotten() {
        delivered(node, started("young", Duration.ofDays(1)));
        delivered(node, started("open", RETENTION.minusHours(1)));
        Message gone = started("gone", RETENTION.plus(BarrierStore.CLOCKS_APART).plusHours(1));
        Message justForgotten = started("forgotten", RETENTION.plusHours(1));
        passes(Duration.ofDays(-2));
        delivered(node, gone, justForgotten);
        passes(Duration.ofDays(2));

        assertThat(barrier().purge(RETENTION, 10)).isEqualTo(1);
        assertThat(state("young")).isEqualTo("ACTED");
        assertThat(state("open")).isEqualTo("ACTED");
        assertThat(state("forgotten")).isEqualTo("ACTED");
        assertThat(state("gone")).isNull();
        delivered(node, gone);

        assertThat(effects("gone")).containsExactly("reserved");
        assertThat(outcomes("gone")).containsExactly(DONE, FORGOTTEN);
    }

    @Scenario("saga-45")
    @Test
    void purgesNoMoreThanItIsTold() {
        for (int saga = 0; saga < 3; saga++) {
            delivered(node, started("s" + saga, Duration.ofDays(30)));
        }

        assertThat(barrier().purge(Duration.ofDays(20), 2)).isEqualTo(2);
        assertThat(barrier().purge(Duration.ofDays(20), 2)).isEqualTo(1);
        assertThat(barrier().purge(Duration.ofDays(20), 2)).isZero();
    }

    private Message started(String saga, Duration ago) {
        return message(
                new SagaCommand(saga, "order", "step", 1, false, null, now().minus(ago), "saga-replies"),
                new Reserve("lamp"));
    }

    @Test
    void aRefusalTakesBackWhatWasWrittenAndIsRepeated() {
        for (String item : List.of("sold-out", "forbidden")) {
            delivered(node, reserve(item, item));
            delivered(other, reserve(item, item));

            assertThat(effects(item)).isEmpty();
            assertThat(outcomes(item)).containsExactly(REFUSED, REFUSED);
            assertThat(state(item)).isEqualTo("REFUSED");
        }
        assertThat(replies.to("sold-out")).extracting(SentReplies.Sent::type).containsOnly("out-of-stock");
        assertThat(replies.to("sold-out"))
                .extracting(each -> each.reply().reason())
                .containsOnly("none left");
        assertThat(replies.to("forbidden")).extracting(SentReplies.Sent::type).containsOnly(NoContent.TYPE);
    }

    @Test
    void theCompensationOfARefusedActionIsDoneWithoutEffect() {
        delivered(node, reserve("s", "sold-out"), release("s"), reserve("s", "sold-out"));

        assertThat(effects("s")).isEmpty();
        assertThat(outcomes("s")).containsExactly(REFUSED, DONE, FENCED);
    }

    @Test
    void aFailureTakesBackEverythingAndTheNextAttemptIsNew() {
        stock.whileWorking = step -> {
            if (step.attempt() == 1) {
                throw new IllegalStateException("broken");
            }
        };
        delivered(node, reserve("s"));
        assertThat(effects("s")).isEmpty();
        assertThat(state("s")).isNull();

        delivered(node, message(attempt(action("s"), 2), new Reserve("lamp")));

        assertThat(effects("s")).containsExactly("reserved");
        assertThat(outcomes("s")).containsExactly(FAILED, DONE);
        assertThat(replies.to("s").get(0).reply().reason()).contains("broken");
    }

    @Test
    void anActionAfterItsDeadlineIsNotTriedButACompensationIs() {
        delivered(node, message(until(action("s"), now().minusMillis(1)), new Reserve("lamp")));
        assertThat(effects("s")).isEmpty();
        assertThat(state("s")).isNull();

        delivered(node, message(until(action("s"), now()), new Reserve("lamp")));
        delivered(node, message(until(action("s"), now().minusMillis(1)), new Reserve("lamp")));
        delivered(node, message(until(undo("s"), now().minusMillis(1)), new Release("lamp")));

        assertThat(effects("s")).containsExactly("released", "reserved");
        assertThat(outcomes("s")).containsExactly(EXPIRED, DONE, DONE, DONE);
    }

    @Test
    void anActionThatMayHaveBegunIsNeverAnsweredAsExpired() {
        stock.whileWorking = step -> {
            throw new IllegalStateException("no answer");
        };
        delivered(node, charge("s"));
        delivered(node, message(until(action("s"), now().minusMillis(1)), new Charge("visa")));

        assertThat(stock.charges).hasSize(1);
        assertThat(outcomes("s")).containsExactly(FAILED, FAILED);
    }

    @Test
    void theCompensationGetsTheTokenOfItsAction() {
        delivered(node, reserve("s"), release("s"));
        delivered(node, reserve("t", "without-token"), release("t"));

        assertThat(stock.tokens).containsExactly(new Shelf(StockParticipant.SHELF), null);
    }

    @Scenario("saga-15")
    @Test
    void whateverTheOrderNoActionStaysThatIsNotUndone() throws Exception {
        long seed = now().toEpochMilli();
        try {
            runRandomly(new Random(seed), 300);
        } catch (AssertionError e) {
            throw new AssertionError("with seed " + seed + ": " + e.getMessage(), e);
        }
    }

    /** Actions and compensations, repeated and mixed, on two nodes at the same time, some of them failing. */
    private void runRandomly(Random random, int sagas) throws Exception {
        stock.whileWorking = step -> {
            // Decided by the names, so that it does not depend on who comes first.
            if (step.attempt() == 1 && (step.sagaId() + step.undo()).hashCode() % 5 == 0) {
                throw new IllegalStateException("unlucky");
            }
        };
        List<Message> open = new ArrayList<>();
        for (int saga = 0; saga < sagas; saga++) {
            add(open, "r" + saga, saga % 4 == 0, random, 1);
        }
        for (int attempt = 2; !open.isEmpty(); attempt++) {
            assertThat(attempt).as("rounds").isLessThan(20);
            deliverRandomly(open, random);
            open.clear();
            for (int saga = 0; saga < sagas; saga++) {
                if (!isAnswered("r" + saga)) {
                    add(open, "r" + saga, saga % 4 == 0, random, attempt);
                }
            }
        }
        for (int saga = 0; saga < sagas; saga++) {
            if (saga % 4 != 0) {
                assertUndone("r" + saga);
            } else {
                assertThat(stock.refunds.contains("r" + saga + ":step:undo"))
                        .as("charged and refunded r" + saga)
                        .isEqualTo(stock.charges.contains("r" + saga + ":step"));
            }
        }
    }

    private void add(List<Message> open, String saga, boolean outside, Random random, int attempt) {
        for (int copy = random.nextInt(3); copy >= 0; copy--) {
            Object command = outside ? new Charge("visa") : new Reserve("lamp");
            open.add(message(attempt(action(saga), attempt), command));
        }
        for (int copy = random.nextInt(2); copy >= 0; copy--) {
            Object command = outside ? new StockParticipant.Refund("visa") : new Release("lamp");
            open.add(message(attempt(undo(saga), attempt), command));
        }
    }

    private void deliverRandomly(List<Message> open, Random random) throws Exception {
        Collections.shuffle(open, random);
        List<List<Message>> byThread =
                List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        open.forEach(each -> byThread.get(random.nextInt(byThread.size())).add(each));
        List<Runnable> work = new ArrayList<>();
        for (int thread = 0; thread < byThread.size(); thread++) {
            List<Message> mine = byThread.get(thread);
            ParticipantNode to = thread % 2 == 0 ? node : other;
            int most = 1 + random.nextInt(12);
            work.add(() -> {
                for (int from = 0; from < mine.size(); from += most) {
                    List<DeliveryOutcome> unused =
                            to.deliver(1, mine.subList(from, Math.min(mine.size(), from + most)));
                }
            });
        }
        together(work);
    }

    /** Whether neither the action nor the compensation has to be sent again. */
    private boolean isAnswered(String saga) {
        boolean undone = false;
        boolean acted = false;
        for (SentReplies.Sent sent : replies.to(saga)) {
            boolean settled = sent.outcome() == ReplyOutcome.DONE || sent.outcome() == ReplyOutcome.FENCED;
            undone |= settled && sent.reply().undo();
            acted |= settled && !sent.reply().undo();
        }
        return undone && acted;
    }
}
