package dev.tally.testkit.saga;

import dev.tally.saga.message.SagaReply;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import java.util.List;

/** Brings messages to participants and nodes. For one thread. */
final class SimulatedTraffic {

    private final SimulatedWorld world;
    private final Trace trace;
    private final SimulatedNodes nodes;
    private final SimulatedParticipants participants;

    SimulatedTraffic(SimulatedWorld world, SimulatedNodes nodes, SimulatedParticipants participants) {
        this.world = world;
        this.trace = world.trace();
        this.nodes = nodes;
        this.participants = participants;
    }

    void deliverCommands(int limit) {
        for (SimulatedWire.Envelope envelope : world.wire().pick(SimulatedNode.REPLIES, false, limit)) {
            trace.add("command " + envelope.message().id() + " arrives");
            if (participants.take(envelope.message())) {
                world.wire().taken(envelope);
            } else {
                world.wire().again(envelope);
            }
        }
    }

    void deliverReplies(int limit) {
        List<SimulatedWire.Envelope> batch = world.wire().pick(SimulatedNode.REPLIES, true, limit);
        if (batch.isEmpty()) {
            return;
        }
        SimulatedNode node = nodes.any();
        nodes.on(
                node,
                trace.isOn()
                        ? "gets " + batch.stream().map(SimulatedTraffic::text).toList()
                        : "gets replies",
                () -> {
                    List<DeliveryOutcome> outcomes = node.replies()
                            .handle(batch.stream()
                                    .map(each -> new ReceivedMessage(each.message(), 1))
                                    .toList());
                    for (int i = 0; i < batch.size(); i++) {
                        SimulatedWire.Envelope envelope = batch.get(i);
                        if (outcomes.get(i) instanceof DeliveryOutcome.Delivered) {
                            world.wire().taken(envelope);
                        } else if (outcomes.get(i) instanceof DeliveryOutcome.Later later
                                && world.faults().areOn()) {
                            trace.add("  " + envelope.message().id() + " comes again: " + later.reason());
                            world.wire().again(envelope);
                        } else {
                            throw new ViolationError(node + " cannot take " + text(envelope) + ": " + outcomes.get(i));
                        }
                    }
                });
    }

    private static String text(SimulatedWire.Envelope envelope) {
        SagaReply reply = SagaReply.of(envelope.message());
        return envelope.message().id() + " " + reply.outcome() + " of " + (reply.undo() ? "undo " : "do ")
                + reply.step() + "#" + reply.attempt() + " of " + reply.sagaId();
    }
}
