package dev.tally.broker.server;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.CheckBackRequest;
import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.OffsetMessageId;
import dev.tally.broker.protocol.PropertyNames;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.StoredMessage;
import dev.tally.broker.store.UndecidedHalf;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks producers about half messages that are due.
 *
 * <ol>
 *   <li>Take the due ones from the store, a bounded number in each round.
 *   <li>Choose a live producer of the group, in turn; with none online the check does not count.
 *   <li>Write the question; only when it was written does the check count. The answer comes as a decision.
 * </ol>
 */
final class CheckBack implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(CheckBack.class);
    private static final int ROUND = 256;

    private final MessageStore store;
    private final ServerSettings settings;
    private final Clients clients;
    private final Executor reads;
    private final AtomicBoolean underWay = new AtomicBoolean();

    CheckBack(MessageStore store, ServerSettings settings, Clients clients, Executor reads) {
        this.store = store;
        this.settings = settings;
        this.clients = clients;
        this.reads = reads;
    }

    /** Starts a round unless the last one is still under way. */
    @Override
    public void run() {
        if (!underWay.compareAndSet(false, true)) {
            return;
        }
        try {
            reads.execute(this::round);
        } catch (RejectedExecutionException e) {
            underWay.set(false);
            log.debug("Check-back round skipped: the readers are overloaded or stopping");
        }
    }

    private void round() {
        try {
            store.pollDueChecks(ROUND).forEach(this::ask);
        } catch (RuntimeException e) {
            log.warn("Check-back round failed; the next one tries again", e);
        } finally {
            underWay.set(false);
        }
    }

    private void ask(UndecidedHalf half) {
        Connection producer = clients.nextProducer(half.producerGroup());
        if (producer == null) {
            log.debug("No producer online to ask; group={} position={}", half.producerGroup(), half.position());
            store.checkNotDelivered(half.position());
            return;
        }
        StoredMessage message = store.messageAt(half.position());
        if (message == null) {
            log.error("Half message is due and cannot be read; position={}", half.position());
            store.checkNotDelivered(half.position());
            return;
        }
        CheckBackRequest question = new CheckBackRequest(
                message.topic(),
                half.position(),
                OffsetMessageId.format(settings.storeHost(), half.position()),
                MessageEncoding.decode(message.payload()).properties().get(PropertyNames.UNIQUE_KEY),
                settings.brokerName());
        var unused = producer.send(question.toCommand(StoredMessages.undecidedBody(message)))
                .whenComplete((written, failure) -> {
                    if (failure == null) {
                        log.debug(
                                "Producer asked; group={} position={} checks={}",
                                half.producerGroup(),
                                half.position(),
                                half.checks());
                        store.checkDelivered(half.position());
                    } else {
                        store.checkNotDelivered(half.position());
                    }
                });
    }
}
