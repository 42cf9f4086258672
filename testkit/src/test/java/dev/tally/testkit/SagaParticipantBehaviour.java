package dev.tally.testkit;

import static dev.tally.saga.message.ReplyOutcome.DONE;
import static dev.tally.saga.message.ReplyOutcome.FAILED;
import static dev.tally.saga.message.ReplyOutcome.FENCED;
import static dev.tally.saga.message.ReplyOutcome.REFUSED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.observation.MessageObservations;
import dev.tally.observation.MessageProcessContext;
import dev.tally.observation.MessagePublishContext;
import dev.tally.saga.RefusedException;
import dev.tally.testkit.StockParticipant.CancelElsewhere;
import dev.tally.testkit.StockParticipant.Release;
import dev.tally.testkit.StockParticipant.Reserve;
import dev.tally.transport.DeliveryOutcome;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What participants do beyond the barrier's guarantees. */
abstract class SagaParticipantBehaviour extends SagaBarrierContract {

    @Test
    void commandsThatWaitTogetherShareATransaction() {
        delivered(node, reserve("a"), reserve("b"), release("b"), reserve("c"), reserve("a"));

        assertThat(replies.transactions()).isEqualTo(1);
        assertThat(outcomes("a")).containsExactly(DONE, DONE);
        assertThat(outcomes("b")).containsExactly(DONE, DONE);
        assertThat(effects("b")).containsExactly("released", "reserved");
        assertThat(state("b")).isEqualTo("UNDONE");
    }

    @Test
    void aCommandOfABatchThatFailsFailsAlone() {
        stock.whileWorking = step -> {
            if (step.sagaId().equals("b")) {
                throw new IllegalStateException("broken");
            }
        };
        delivered(node, reserve("a"), reserve("b"), reserve("c", "sold-out"), reserve("d"));

        assertThat(outcomes("a")).containsExactly(DONE);
        assertThat(outcomes("b")).containsExactly(FAILED);
        assertThat(outcomes("c")).containsExactly(REFUSED);
        assertThat(outcomes("d")).containsExactly(DONE);
        assertThat(effects("a")).containsExactly("reserved");
        assertThat(effects("b")).isEmpty();
        assertThat(effects("d")).containsExactly("reserved");
        assertThat(state("b")).isNull();
    }

    @Test
    void aCommandOfAnUnknownTypeIsAnsweredAsFailedAndDeadLettered() {
        Message unknown = message(action("s"), new StockParticipant.Shelf(1));
        delivered(node, reserve("a"), unknown, reserve("b"));

        assertThat(outcomes("s")).containsExactly(FAILED);
        assertThat(replies.to("s").get(0).reply().reason())
                .contains("'shelf' is no action")
                .contains("reserve");
        assertThat(deadLetters()).containsExactly(unknown.id().value());
        assertThat(outcomes("a")).containsExactly(DONE);
        assertThat(outcomes("b")).containsExactly(DONE);
    }

    @Test
    void aCommandOfTheOtherPhaseIsAnsweredAsFailedAndDeadLettered() {
        delivered(node, message(action("s"), new Release("lamp")));

        assertThat(effects("s")).isEmpty();
        assertThat(replies.to("s").get(0).reply().reason()).contains("but one of its compensations");
        assertThat(deadLetters()).hasSize(1);
    }

    @Test
    void aPayloadThatCannotBeReadIsAnsweredAsFailedAndDeadLettered() {
        Message command = reserve("s");
        Message broken = new Message(
                command.id(),
                command.destination(),
                command.key(),
                command.type(),
                command.headers(),
                "{".getBytes(StandardCharsets.UTF_8));
        delivered(node, broken);

        assertThat(outcomes("s")).containsExactly(FAILED);
        assertThat(deadLetters()).containsExactly(command.id().value());
        assertThat(state("s")).isNull();
    }

    @Test
    void whatIsNoCommandIsDeadLetteredAndAnsweredToNobody() {
        Message none = new Message(
                new MessageId("stranger"),
                Destination.topic("stock-commands"),
                "s",
                "reserve",
                Headers.empty(),
                "{}".getBytes(StandardCharsets.UTF_8));
        delivered(node, none);

        assertThat(outcomes("s")).isEmpty();
        assertThat(deadLetters()).containsExactly("stranger");
    }

    private List<String> deadLetters() {
        return jdbc().queryForList(
                        "SELECT message_id FROM tally_dead_letter WHERE consumer_group = ?",
                        String.class,
                        "stock-participant");
    }

    @Test
    void aCompensationThatWasRefusedIsRepeatedToItsAttemptAndAskedAgainByALaterOne() {
        stock.whileWorking = step -> {
            if (step.undo() && step.attempt() == 1) {
                throw new RefusedException("sent already");
            }
        };
        delivered(node, reserve("s"), release("s"), release("s"));
        assertThat(effects("s")).containsExactly("reserved");
        assertThat(state("s")).isEqualTo("ACTED");

        delivered(node, message(attempt(undo("s"), 2), new Release("lamp")));

        assertThat(outcomes("s")).containsExactly(DONE, REFUSED, REFUSED, DONE);
        assertThat(effects("s")).containsExactly("released", "reserved");
    }

    @Test
    void aCompensationOfWhatOthersDidRunsWithoutAnActionOnce() {
        Message cancel = message(undo("s"), new CancelElsewhere("ticket"));
        delivered(node, cancel);
        delivered(other, cancel);
        delivered(node, reserve("s"));

        assertThat(effects("s")).containsExactly("cancelled");
        assertThat(outcomes("s")).containsExactly(DONE, DONE, FENCED);
    }

    @Test
    void aStepThatIsBusyAtTheLastAttemptIsAnsweredAsFailed() {
        stock.whileWorking = step -> {
            throw new Death();
        };
        try {
            List<DeliveryOutcome> unused = node.deliver(charge("s"));
        } catch (Death e) {
            assertThat(state("s")).isEqualTo("STARTED");
        }

        assertThat(other.deliver(15, List.of(refund("s")))).allMatch(DeliveryOutcome.Retry.class::isInstance);
        assertThat(other.deliver(16, List.of(refund("s")))).allMatch(DeliveryOutcome.Delivered.class::isInstance);
        assertThat(outcomes("s")).containsExactly(FAILED);
    }

    @Test
    void aStepOfAnotherSagaDoesNotWaitForOneThatIsBusy() {
        stock.whileWorking = step -> {
            if (step.sagaId().equals("s")) {
                throw new Death();
            }
        };
        try {
            List<DeliveryOutcome> unused = node.deliver(charge("s"));
        } catch (Death e) {
            assertThat(state("s")).isEqualTo("STARTED");
        }

        List<DeliveryOutcome> answers = other.deliver(charge("s"), reserve("t"), refund("s"));

        assertThat(answers.get(0)).isInstanceOf(DeliveryOutcome.Retry.class);
        assertThat(answers.get(1)).isInstanceOf(DeliveryOutcome.Delivered.class);
        assertThat(answers.get(2)).isInstanceOf(DeliveryOutcome.Retry.class);
        assertThat(outcomes("t")).containsExactly(DONE);
    }

    @Test
    void actionsOutsideOfTransactionsSeeNone() {
        List<Boolean> inTransaction = new ArrayList<>();
        stock.whileWorking = step -> inTransaction.add(
                org.springframework.transaction.support.TransactionSynchronizationManager.isActualTransactionActive());
        delivered(node, charge("s"), reserve("t"), refund("s"));

        assertThat(inTransaction).containsExactly(false, true, false);
    }

    @Test
    void anAnswerBelongsToTheTraceOfItsCommand() {
        List<Observation.ContextView> parents = new ArrayList<>();
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(new ObservationHandler<MessagePublishContext>() {
            @Override
            public void onStart(MessagePublishContext context) {
                parents.add(
                        context.getParentObservation() == null
                                ? context
                                : context.getParentObservation().getContextView());
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return context instanceof MessagePublishContext;
            }
        });
        ParticipantNode observed = node(none -> new MessageObservations(registry, "by-hand"));

        delivered(observed, reserve("a"), reserve("b"));
        delivered(observed, reserve("c", "sold-out"));
        delivered(observed, charge("d"));
        delivered(observed, message(action("e"), new StockParticipant.Shelf(1)));

        assertThat(parents).hasSize(5).allMatch(MessageProcessContext.class::isInstance);
    }

    @Test
    void anAnswerThatCannotBePublishedTakesEverythingBack() {
        int unused = jdbc().update("DELETE FROM sent_reply");
        jdbc().execute("ALTER TABLE sent_reply RENAME TO not_there");

        assertThat(node.deliver(reserve("s"))).allMatch(DeliveryOutcome.Retry.class::isInstance);
        assertThat(effects("s")).isEmpty();
        assertThat(state("s")).isNull();
        jdbc().execute("ALTER TABLE not_there RENAME TO sent_reply");
        delivered(node, message(action("s"), new Reserve("lamp")));

        assertThat(outcomes("s")).containsExactly(DONE);
    }
}
