package dev.tally.broker.receive;

import dev.tally.broker.client.Clients;
import dev.tally.broker.filter.Selections;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.request.RequestHandler;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.topic.Topics;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Everything about consumers that pop. Thread-safe.
 *
 * @since 0.1
 */
public final class Receiving implements MessageStore.ArrivalListener {

    private static final long ROUND_MILLIS = 100;

    private final HeldPops held;
    private final PopRevival revival;
    private final Map<Integer, RequestHandler> handlers;

    /**
     * Wires the handlers.
     *
     * @param reads runs what may read from disk
     * @param scheduler runs short tasks later
     */
    public Receiving(
            MessageStore store,
            ServerSettings settings,
            Topics topics,
            Clients clients,
            Executor reads,
            ScheduledExecutorService scheduler,
            InstantSource clock,
            RandomGenerator random,
            Selections selections) {
        held = new HeldPops(store, reads, scheduler);
        revival = new PopRevival(store, settings, topics, held, reads, clock);
        AckHandlers acks = new AckHandlers(store, held);
        NotificationHandler notifications = new NotificationHandler(store, held);
        AssignmentHandlers assignments = new AssignmentHandlers(store, settings, clients);
        handlers = Map.of(
                RequestCode.POP_MESSAGE,
                new PopHandler(store, settings.brokerName(), held, reads, clock, random, selections),
                RequestCode.ACK_MESSAGE,
                acks::acknowledge,
                RequestCode.BATCH_ACK_MESSAGE,
                acks::acknowledgeAll,
                RequestCode.CHANGE_MESSAGE_INVISIBLE_TIME,
                acks::changeInvisibleTime,
                RequestCode.NOTIFICATION,
                notifications,
                RequestCode.POLLING_INFO,
                notifications::pollingInfo,
                RequestCode.QUERY_ASSIGNMENT,
                assignments::query,
                RequestCode.SET_MESSAGE_REQUEST_MODE,
                assignments::setMode);
    }

    /** The handlers by their request codes. */
    public Map<Integer, RequestHandler> handlers() {
        return handlers;
    }

    /** Starts giving to others what was not acknowledged in time. */
    public void start(ScheduledExecutorService scheduler) {
        var unused = scheduler.scheduleWithFixedDelay(revival, ROUND_MILLIS, ROUND_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Gives to others what was not acknowledged in time, now. */
    public void round() {
        revival.run();
    }

    @Override
    public void arrived(String topic, int queueId, long nextOffset) {
        held.arrived(topic, queueId, nextOffset);
    }

    /** A connection is gone. */
    public void gone(Connection connection) {
        held.gone(connection);
    }

    /** Pops that wait for messages now. */
    public int heldPops() {
        return held.size();
    }
}
