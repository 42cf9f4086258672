package dev.tally.saga.participant;

import dev.tally.message.Message;
import dev.tally.saga.StepContext;
import dev.tally.saga.message.SagaCommand;
import dev.tally.transport.ReceivedMessage;
import org.jspecify.annotations.Nullable;

/** A delivery, and what could be read of it. */
sealed interface Incoming {

    ReceivedMessage received();

    default Message message() {
        return received().message();
    }

    /** A command that there is a method for. */
    record Known(ReceivedMessage received, SagaCommand command, ParticipantMethod method, Object payload)
            implements Incoming {

        StepKey key() {
            return new StepKey(command.sagaId(), command.step());
        }

        /** The business key is the orchestrator's: commands do not have it. */
        StepContext context() {
            return new StepContext(
                    command.sagaId(),
                    command.sagaName(),
                    "",
                    command.step(),
                    command.attempt(),
                    command.undo(),
                    command.deadline());
        }
    }

    /**
     * Nothing that could be done.
     *
     * @param command what its headers say, {@code null} if that is not known either
     * @param failure what was caught, if anything was
     */
    record Unusable(
            ReceivedMessage received,
            @Nullable SagaCommand command,
            String reason,
            @Nullable Throwable failure) implements Incoming {}
}
