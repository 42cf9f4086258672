package dev.tally.saga.participant;

import dev.tally.consume.Failures;
import dev.tally.message.Message;
import dev.tally.message.PayloadCodec;
import dev.tally.message.PayloadUpcasters;
import dev.tally.saga.message.SagaCommand;
import dev.tally.saga.message.SagaMessageException;
import dev.tally.saga.participant.Incoming.Known;
import dev.tally.saga.participant.Incoming.Unusable;
import dev.tally.transport.ReceivedMessage;

/** Reads the commands to one participant, those of an earlier time made into present ones. Thread-safe. */
final class CommandReader {

    private final Participant participant;
    private final PayloadCodec codec;
    private final PayloadUpcasters upcasters;

    CommandReader(Participant participant, PayloadCodec codec, PayloadUpcasters upcasters) {
        this.participant = participant;
        this.codec = codec;
        this.upcasters = upcasters;
    }

    Incoming read(ReceivedMessage received) {
        SagaCommand command;
        try {
            command = SagaCommand.of(received.message());
        } catch (SagaMessageException e) {
            return new Unusable(received, null, Failures.reasonOf(e), e);
        }
        try {
            return read(received, command);
        } catch (RuntimeException e) {
            // Of an up-caster, or of what the payload does while it is read: it is this command's, and no other's.
            return new Unusable(received, command, "reading its payload failed: " + Failures.reasonOf(e), e);
        }
    }

    private Incoming read(ReceivedMessage received, SagaCommand command) {
        Message message = received.message();
        boolean undo = command.undo();
        PayloadUpcasters.Upcast upcast = upcasters.apply(message, type -> participant.methodFor(type, undo) != null);
        ParticipantMethod method = participant.methodFor(upcast.type(), undo);
        Class<?> type = participant.classOf(upcast.type(), undo);
        if (method == null || type == null) {
            return new Unusable(received, command, unknown(message.type(), undo), null);
        }
        return new Known(received, command, method, codec.decode(upcast.payload(), type));
    }

    private String unknown(String type, boolean undo) {
        boolean ofTheOther = participant.methodFor(type, !undo) != null;
        return "type '" + type + "' is no " + (undo ? "compensation" : "action") + " of " + participant
                + (ofTheOther ? ", but one of its " + (undo ? "actions" : "compensations") : "") + "; it takes "
                + participant.taken(undo);
    }
}
