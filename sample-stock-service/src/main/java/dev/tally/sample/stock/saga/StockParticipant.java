package dev.tally.sample.stock.saga;

import dev.tally.saga.RefusedException;
import dev.tally.saga.participant.SagaAction;
import dev.tally.saga.participant.SagaCompensation;
import dev.tally.saga.participant.SagaParticipant;
import dev.tally.sample.stock.reserve.Reserving;
import org.springframework.stereotype.Component;

/**
 * Does the stock's steps of sagas. A command, its effect and its answer are one transaction; a command that comes again
 * gets the same answer, a release that comes without its reservation changes nothing, and a reservation that comes after
 * its release is not made.
 *
 * @since 0.1
 */
@Component
@SagaParticipant("stock")
public class StockParticipant {

    private final Reserving reserving;

    StockParticipant(Reserving reserving) {
        this.reserving = reserving;
    }

    /** Reserves all lines, or refuses. */
    @SagaAction
    public void reserve(StockCommand.Reserve command) {
        reserving.reserve(command.orderId(), command.lines()).ifPresent(shortOf -> {
            throw new RefusedException(shortOf, new StockCommand.Shortage(shortOf));
        });
    }

    /** Undoes a reservation. */
    @SagaCompensation
    public void release(StockCommand.Release command) {
        reserving.release(command.orderId());
    }

    /** Gives back what a confirmed order has reserved. */
    @SagaAction
    public void giveBack(StockCommand.GiveBack command) {
        reserving.release(command.orderId());
    }
}
