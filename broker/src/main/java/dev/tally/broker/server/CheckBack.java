package dev.tally.broker.server;

import dev.tally.broker.client.Clients;
import dev.tally.broker.env.Round;
import dev.tally.broker.message.StoredMessages;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.CheckBackRequest;
import dev.tally.broker.protocol.LifeProbe;
import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.OffsetMessageId;
import dev.tally.broker.protocol.PropertyNames;
import dev.tally.broker.request.RequestGate;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.StoredMessage;
import dev.tally.broker.store.UndecidedHalf;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks producers about half messages that are due.
 *
 * <ol>
 *   <li>Take the due ones from the store, a bounded number in each round.
 *   <li>Choose a live producer of the group, in turn; with none online, or with all of them busy answering, the check
 *       does not count.
 *   <li>Write the question, and behind it a probe to which every client answers at once. A question counts when its
 *       connection brings anything after it: a socket whose other end is dead takes bytes without complaint.
 *   <li>A connection that stays silent is suspected, and asked no more until it is heard. The question goes to all other
 *       producers of the group at once, so the live one among many dead is reached within one timeout.
 *   <li>The answer comes as a decision. One that does not come is waited for a bounded time; the next check asks again.
 * </ol>
 */
final class CheckBack implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(CheckBack.class);
    private static final int ROUND = 256;
    private static final int MOST_LOOKED_AT = 32 * ROUND;

    private final MessageStore store;
    private final ServerSettings settings;
    private final Clients clients;
    private final Inquiries inquiries;
    private final RequestGate gate;
    private final Round round;

    /** @param gate knows which producers may see a topic's messages */
    CheckBack(
            MessageStore store,
            ServerSettings settings,
            Clients clients,
            Inquiries inquiries,
            Executor reads,
            RequestGate gate) {
        this.store = store;
        this.settings = settings;
        this.clients = clients;
        this.inquiries = inquiries;
        this.gate = gate;
        this.round = new Round("check-back", reads, this::askAll);
    }

    /** Starts a round unless the last one is still under way. */
    @Override
    public void run() {
        round.run();
    }

    /** A connection brought something. */
    void heard(Connection connection) {
        inquiries.heard(connection).forEach(store::checkDelivered);
    }

    private void askAll() {
        inquiries.nextRound().forEach(this::askOthers);
        askDue();
    }

    /** Looks at many, because those whose group is offline must not hold up the others. */
    private void askDue() {
        int askable = Math.min(ROUND, inquiries.room());
        int lookedAt = 0;
        while (askable > 0 && lookedAt < MOST_LOOKED_AT) {
            List<UndecidedHalf> due = store.pollDueChecks(askable);
            if (due.isEmpty()) {
                return;
            }
            lookedAt += due.size();
            for (UndecidedHalf half : due) {
                askable -= ask(half) ? 1 : 0;
            }
        }
    }

    private boolean ask(UndecidedHalf half) {
        Connection producer = inquiries.choose(producers(half.producerGroup(), half.position()));
        if (producer == null) {
            log.debug("No producer to ask; group={} position={}", half.producerGroup(), half.position());
            store.checkNotDelivered(half.position());
            return false;
        }
        inquiries.answered(half.position());
        return ask(half.position(), half.producerGroup(), List.of(producer));
    }

    /** The group's members that may see the message: to be a member, nobody needs a permission. */
    private List<Connection> producers(String group, long position) {
        List<Connection> members = clients.producers(group);
        if (gate == RequestGate.OPEN || members.isEmpty()) {
            return members;
        }
        StoredMessage message = store.messageAt(position);
        return message == null
                ? members
                : members.stream()
                        .filter(member -> gate.mayBeAsked(member, message.topic()))
                        .toList();
    }

    private void askOthers(Inquiries.Silent silent) {
        List<Connection> others = silent.askedAll()
                ? List.of()
                : inquiries.others(producers(silent.group(), silent.position()), silent.asked());
        if (others.isEmpty()) {
            log.debug("No producer got the question; group={} position={}", silent.group(), silent.position());
            inquiries.giveUp(silent.position());
            store.checkNotDelivered(silent.position());
            return;
        }
        if (ask(silent.position(), silent.group(), others)) {
            inquiries.askingAll(silent.position());
        }
    }

    private boolean ask(long position, String group, List<Connection> producers) {
        StoredMessage message = store.messageAt(position);
        if (message == null) {
            log.error("Half message is due and cannot be read; position={}", position);
            inquiries.giveUp(position);
            store.checkNotDelivered(position);
            return false;
        }
        CheckBackRequest question = new CheckBackRequest(
                message.topic(),
                position,
                OffsetMessageId.format(settings.storeHost(), position),
                MessageEncoding.decode(message.payload()).properties().get(PropertyNames.UNIQUE_KEY),
                settings.brokerName());
        for (Connection producer : producers) {
            inquiries.asking(position, group, producer);
            var unused = producer.send(question.toCommand(StoredMessages.undecidedBody(message)))
                    .thenCompose(written -> producer.send(LifeProbe.toCommand(group)))
                    .exceptionally(failure -> {
                        inquiries.notWritten(position, producer);
                        return null;
                    });
        }
        log.debug("Producers asked; group={} position={} count={}", group, position, producers.size());
        return true;
    }
}
