package dev.tally.testkit.saga;

import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.MessageTypes;
import dev.tally.message.PayloadCodec;
import dev.tally.publish.MessagePublisher;
import dev.tally.publish.OutgoingMessage;
import dev.tally.saga.SagaListener;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.engine.EngineParts;
import dev.tally.saga.engine.ReplyHandler;
import dev.tally.saga.engine.SagaDataCodec;
import dev.tally.saga.engine.SagaDefinitions;
import dev.tally.saga.engine.SagaWaker;
import dev.tally.saga.engine.TransactionalSagas;
import java.time.Duration;
import java.util.List;
import org.springframework.transaction.support.TransactionTemplate;

/** A process with the engine. For one thread. */
final class SimulatedNode {

    static final String REPLIES = "replies";

    /** How wrong a node's clock can be, either way. Time-outs have to be longer than twice that. */
    static final Duration MOST_SKEW = Duration.ofSeconds(2);

    private static final int WAKE_BATCH = 3;

    private final String name;
    private final SimulatedWorld world;
    private final PayloadCodec codec;
    private final SagaDataCodec dataCodec;
    private final List<List<SagaDefinition<?>>> generations;
    private final Duration skew;
    private int generation;
    private EngineParts parts;
    private TransactionalSagas sagas;
    private ReplyHandler replies;
    private SagaWaker waker;

    SimulatedNode(
            String name,
            SimulatedWorld world,
            PayloadCodec codec,
            SagaDataCodec dataCodec,
            List<List<SagaDefinition<?>>> generations) {
        this.name = name;
        this.world = world;
        this.codec = codec;
        this.dataCodec = dataCodec;
        this.generations = generations;
        this.skew = world.chance().oneIn(3)
                ? world.chance().millisUpTo(2 * MOST_SKEW.toMillis()).minus(MOST_SKEW)
                : Duration.ZERO;
        this.parts = parts();
        this.sagas = new TransactionalSagas(parts, () -> {});
        this.replies = new ReplyHandler(parts);
        this.waker = new SagaWaker(parts, WAKE_BATCH);
    }

    private EngineParts parts() {
        MessagePublisher publisher = this::publish;
        return new EngineParts(
                new SagaDefinitions(generations.get(generation)),
                world.store(),
                world.locks(),
                publisher,
                codec,
                dataCodec,
                world.transactions(),
                world.clock().skewed(skew),
                world.chance().random(),
                world::nextId,
                SimulatedParticipants::topicOf,
                REPLIES,
                SagaListener.NONE);
    }

    /** As an outbox does: what commits is sent. */
    private MessageId publish(OutgoingMessage outgoing) {
        Message message = new Message(
                new MessageId(world.nextId()),
                outgoing.destination(),
                outgoing.key(),
                MessageTypes.nameOf(outgoing.payload().getClass()),
                outgoing.headers().with(Headers.CONTENT_TYPE, codec.contentType()),
                codec.encode(outgoing.payload()));
        world.transactions().onCommit(() -> world.wire().send(message));
        return message.id();
    }

    void restart() {
        parts = parts();
        sagas = new TransactionalSagas(parts, () -> {});
        replies = new ReplyHandler(parts);
        waker = new SagaWaker(parts, WAKE_BATCH);
    }

    /** Restarts with the definitions that were deployed next; whether there were any. */
    boolean upgrade() {
        if (generation == generations.size() - 1) {
            return false;
        }
        generation++;
        restart();
        return true;
    }

    EngineParts engineParts() {
        return parts;
    }

    TransactionalSagas sagas() {
        return sagas;
    }

    ReplyHandler replies() {
        return replies;
    }

    SagaWaker waker() {
        return waker;
    }

    TransactionTemplate inTransaction() {
        return new TransactionTemplate(world.transactions());
    }

    @Override
    public String toString() {
        return name;
    }
}
