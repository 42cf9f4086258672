package dev.tally.testkit;

import dev.tally.message.MessageType;
import dev.tally.saga.RefusedException;
import dev.tally.saga.StepContext;
import dev.tally.saga.participant.SagaAction;
import dev.tally.saga.participant.SagaCompensation;
import dev.tally.saga.participant.SagaParticipant;
import dev.tally.saga.participant.StepResult;
import dev.tally.saga.participant.UndoToken;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/** What the suite of the barrier sends commands to. Its effects are rows, and for work outside of transactions calls. */
@SagaParticipant("stock")
class StockParticipant {

    @MessageType("reserve")
    record Reserve(String item) {}

    @MessageType("release")
    record Release(String item) {}

    @MessageType("reserved")
    record Reserved(String item, int shelf) {}

    @MessageType("shelf")
    record Shelf(int number) {}

    @MessageType("out-of-stock")
    record OutOfStock(String item) {}

    @MessageType("charge")
    record Charge(String card) {}

    @MessageType("refund")
    record Refund(String card) {}

    @MessageType("charged")
    record Charged(String receipt) {}

    @MessageType("cancel-elsewhere")
    record CancelElsewhere(String what) {}

    /** What a test does while a method runs. */
    interface Hook {
        void run(StepContext step);
    }

    static final int SHELF = 7;

    final List<String> charges = new CopyOnWriteArrayList<>();
    final List<String> refunds = new CopyOnWriteArrayList<>();
    final List<@Nullable Shelf> tokens = new CopyOnWriteArrayList<>();
    volatile Hook whileWorking = step -> {};
    private final JdbcTemplate jdbc;

    StockParticipant(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    @SagaAction
    StepResult<Reserved> reserve(Reserve command, StepContext step) {
        effect(step, "reserved");
        whileWorking.run(step);
        return switch (command.item()) {
            case "sold-out" -> StepResult.refused("none left", new OutOfStock(command.item()));
            case "forbidden" -> throw new RefusedException("not for sale");
            case "without-token" -> StepResult.done(new Reserved(command.item(), 0));
            default -> StepResult.done(new Reserved(command.item(), SHELF)).withUndoToken(new Shelf(SHELF));
        };
    }

    @SagaCompensation
    void release(Release command, @UndoToken @Nullable Shelf shelf, StepContext step) {
        effect(step, "released");
        tokens.add(shelf);
        whileWorking.run(step);
    }

    @SagaAction(transactional = false)
    Charged charge(Charge command, StepContext step) {
        charges.add(step.idempotencyKey());
        whileWorking.run(step);
        return new Charged("receipt of " + command.card());
    }

    @SagaCompensation(transactional = false)
    void refund(Refund command, StepContext step) {
        refunds.add(step.idempotencyKey());
        whileWorking.run(step);
    }

    @SagaCompensation(ofOthers = true)
    void cancel(CancelElsewhere command, StepContext step) {
        effect(step, "cancelled");
    }

    private void effect(StepContext step, String what) {
        jdbc.update("INSERT INTO business (saga_id, what) VALUES (?, ?)", step.sagaId(), what);
    }
}
