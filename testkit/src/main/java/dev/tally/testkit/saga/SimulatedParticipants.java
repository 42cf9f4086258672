package dev.tally.testkit.saga;

import dev.tally.message.Destination;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.MessageTypes;
import dev.tally.message.PayloadCodec;
import dev.tally.saga.StepKind;
import dev.tally.saga.message.NoContent;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.message.SagaCommand;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Participants with the barrier's rules. For one thread. */
final class SimulatedParticipants {

    /** What a participant knows of a step, and what it did. */
    static final class Effect {
        private @Nullable ReplyOutcome answer;
        private boolean undone;
        private int dones;
        private int undos;
        private boolean contradicted;
        private boolean answerLost;

        int dones() {
            return dones;
        }

        int undos() {
            return undos;
        }

        /** Whether it has said that it refuses, and did it later. */
        boolean isContradicted() {
            return contradicted;
        }

        /** Whether it did something, and an answer that says so was lost or wrong. */
        boolean isAnswerLost() {
            return answerLost;
        }
    }

    private final SimulatedWorld world;
    private final PayloadCodec codec;
    private final BiFunction<String, String, StepKind> kinds;
    private final Map<String, ExploredParticipant> byTopic = new LinkedHashMap<>();
    private final Map<StepId, Effect> effects = new LinkedHashMap<>();

    SimulatedParticipants(
            SimulatedWorld world,
            PayloadCodec codec,
            List<ExploredParticipant> participants,
            BiFunction<String, String, StepKind> kinds) {
        this.world = world;
        this.codec = codec;
        this.kinds = kinds;
        participants.forEach(each -> byTopic.put(topicOf(each.name()), each));
    }

    static String topicOf(String participant) {
        return "commands-" + participant;
    }

    Map<StepId, Effect> effects() {
        return effects;
    }

    /** Whether the command was taken; otherwise it comes again. */
    boolean take(Message message) {
        SagaCommand command = SagaCommand.of(message);
        if (world.faults().strike(20)) {
            world.trace().add("  the participant crashes before " + text(command));
            return false;
        }
        ExploredParticipant participant = byTopic.computeIfAbsent(
                message.destination().topic(),
                topic -> ExploredParticipant.named(topic.substring("commands-".length())));
        Effect effect = effects.computeIfAbsent(new StepId(command.sagaId(), command.step()), id -> new Effect());
        ReplyOutcome outcome = command.undo() ? undo(effect) : act(participant, effect, command);
        world.trace().add("  " + participant.name() + " has " + text(command) + ": " + outcome);
        Object content = outcome == ReplyOutcome.DONE && !command.undo()
                ? participant.answer(message, world.chance().random())
                : new NoContent();
        if (participant.isForeign() && world.faults().strike(10)) {
            world.trace().add("  its answer is lost");
            effect.answerLost = true;
            return true;
        }
        world.wire()
                .send(new Message(
                        new MessageId(world.nextId()),
                        new Destination(command.replyTo(), null),
                        command.sagaId(),
                        MessageTypes.nameOf(content.getClass()),
                        command.reply(outcome, outcome == ReplyOutcome.DONE ? null : "chance says so")
                                .headers(),
                        codec.encode(content)));
        return true;
    }

    private ReplyOutcome act(ExploredParticipant participant, Effect effect, SagaCommand command) {
        StepKind kind = kinds.apply(command.sagaName(), command.step());
        if (effect.undone) {
            return ReplyOutcome.FENCED;
        }
        if (effect.answer != null) {
            return effect.answer;
        }
        if (command.deadline() != null && world.clock().instant().isAfter(command.deadline())) {
            return ReplyOutcome.EXPIRED;
        }
        if (world.faults().strike(60)) {
            return ReplyOutcome.FORGOTTEN;
        }
        if (world.faults().strike(10)) {
            if (participant.isForeign()) {
                done(effect);
                effect.answerLost = true;
            }
            return ReplyOutcome.FAILED;
        }
        if (participant.refuses() && world.chance().oneIn(12)) {
            return refuse(effect, kind);
        }
        if (participant.isForeign()
                && kind == StepKind.COMPENSATABLE
                && world.faults().strike(10)) {
            effect.contradicted = true;
            return ReplyOutcome.REFUSED;
        }
        done(effect);
        return ReplyOutcome.DONE;
    }

    private static void done(Effect effect) {
        effect.dones++;
        effect.answer = ReplyOutcome.DONE;
    }

    /** What cannot be refused is refused for a while at most. */
    private ReplyOutcome refuse(Effect effect, StepKind kind) {
        if (kind == StepKind.RETRIABLE) {
            return world.faults().areOn() ? ReplyOutcome.REFUSED : ReplyOutcome.FAILED;
        }
        effect.answer = ReplyOutcome.REFUSED;
        return ReplyOutcome.REFUSED;
    }

    private ReplyOutcome undo(Effect effect) {
        if (effect.undone) {
            return ReplyOutcome.DONE;
        }
        if (world.faults().strike(8)) {
            return ReplyOutcome.FAILED;
        }
        if (world.faults().strike(15)) {
            return world.chance().oneIn(2) ? ReplyOutcome.REFUSED : ReplyOutcome.FORGOTTEN;
        }
        if (effect.dones > 0) {
            effect.undos++;
        }
        effect.undone = true;
        return ReplyOutcome.DONE;
    }

    static String text(SagaCommand command) {
        return (command.undo() ? "undo " : "do ") + command.step() + "#" + command.attempt() + " of "
                + command.sagaId();
    }
}
