package dev.tally.broker.server;

import dev.tally.broker.net.Connection;
import dev.tally.broker.net.ConnectionListener;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.store.MessageStore;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * The broker without its sockets and files: give it a store and feed it what connections bring. Thread-safe.
 *
 * @since 0.1
 */
public final class BrokerCore {

    private final Clients clients;
    private final QueueLocks locks;
    private final HeldPulls held;
    private final ConsumerNotifier notifier;
    private final CheckBack checkBack;
    private final StorageHealth storage;
    private final Dispatcher dispatcher;

    /**
     * Wires the handlers.
     *
     * @param store the storage; its arrival listener becomes this broker's
     * @param reads runs what may read from disk; bounded, a refusal becomes a busy answer
     * @param scheduler runs short tasks later; never reads or writes
     */
    public BrokerCore(
            MessageStore store,
            ServerSettings settings,
            Executor reads,
            ScheduledExecutorService scheduler,
            InstantSource clock,
            RandomGenerator random) {
        clients = new Clients(clock);
        locks = new QueueLocks(clock);
        held = new HeldPulls(store, reads, scheduler);
        notifier = new ConsumerNotifier(clients, scheduler);
        checkBack = new CheckBack(store, settings, clients, reads);
        Topics topics = new Topics(store, settings, notifier::topicCreated);
        Delays delays = new Delays(settings.delayLevels(), clock);
        Retries retries = new Retries(store, locks);
        RequestHandler send = new SendHandler(store, settings, topics, retries, delays, clock, random);
        RequestHandler sendBack = new SendBackHandler(store, settings, topics, retries, delays, reads, clock, random);
        RequestHandler pull = new PullHandler(store, clients, held, reads, scheduler, clock);
        ClientHandlers members = new ClientHandlers(clients, locks, notifier);
        OffsetHandlers offsets = new OffsetHandlers(store, reads);
        TopicHandlers configs = new TopicHandlers(store, settings, topics);

        Map<Integer, RequestHandler> table = new HashMap<>();
        table.put(RequestCode.GET_ROUTE_BY_TOPIC, new RouteHandler(settings, topics));
        table.put(RequestCode.GET_BROKER_CLUSTER_INFO, configs::cluster);
        table.put(RequestCode.GET_ALL_TOPICS_FROM_NAME_SERVER, configs::list);
        table.put(RequestCode.GET_TOPIC_CONFIG, configs::config);
        table.put(RequestCode.UPDATE_AND_CREATE_TOPIC, configs::save);
        table.put(RequestCode.UPDATE_AND_CREATE_SUBSCRIPTION_GROUP, configs::saveGroup);
        table.put(RequestCode.HEART_BEAT, new HeartbeatHandler(store, clients, topics, notifier));
        table.put(RequestCode.UNREGISTER_CLIENT, members::unregister);
        table.put(RequestCode.CHECK_CLIENT_CONFIG, members::checkFilter);
        table.put(RequestCode.GET_CONSUMER_LIST_BY_GROUP, members::consumerIds);
        table.put(RequestCode.LOCK_BATCH_QUEUES, members::lockQueues);
        table.put(RequestCode.UNLOCK_BATCH_QUEUES, members::unlockQueues);
        table.put(RequestCode.SEND_MESSAGE, send);
        table.put(RequestCode.SEND_MESSAGE_V2, send);
        table.put(RequestCode.SEND_BATCH_MESSAGE, send);
        table.put(RequestCode.CONSUMER_SEND_MESSAGE_BACK, sendBack);
        table.put(RequestCode.END_TRANSACTION, new EndTransactionHandler(store));
        table.put(RequestCode.PULL_MESSAGE, pull);
        table.put(RequestCode.LITE_PULL_MESSAGE, pull);
        table.put(RequestCode.QUERY_CONSUMER_OFFSET, offsets::committed);
        table.put(RequestCode.UPDATE_CONSUMER_OFFSET, offsets::commit);
        table.put(RequestCode.GET_MAX_OFFSET, offsets::max);
        table.put(RequestCode.GET_MIN_OFFSET, offsets::min);
        table.put(RequestCode.SEARCH_OFFSET_BY_TIMESTAMP, offsets::byTime);
        table.put(RequestCode.GET_EARLIEST_MESSAGE_STORE_TIME, offsets::earliestStoreTime);
        table.put(RequestCode.VIEW_MESSAGE_BY_ID, offsets::messageByPosition);
        storage = new StorageHealth(clock);
        dispatcher = new Dispatcher(table, storage, this::connectionGone);
        store.onArrival(held);
    }

    /** What connections are to tell. */
    public ConnectionListener listener() {
        return dispatcher;
    }

    /** Starts asking producers about half messages, in rounds that far apart. */
    public void startCheckBacks(ScheduledExecutorService scheduler, long roundMillis) {
        var unused = scheduler.scheduleWithFixedDelay(checkBack, roundMillis, roundMillis, TimeUnit.MILLISECONDS);
    }

    /** Consumer groups with members online, sorted. */
    public List<String> consumerGroupsOnline() {
        return clients.consumerGroups();
    }

    /** The ids of a consumer group's members, sorted. */
    public List<String> consumerIds(String group) {
        return clients.consumerIds(group);
    }

    /** Pulls that wait for messages now. */
    public int heldPulls() {
        return held.size();
    }

    /** Whether the storage takes messages, as the latest requests met it. */
    public StorageHealth.Report storage() {
        return storage.report();
    }

    private void connectionGone(Connection connection) {
        locks.release(connection);
        clients.gone(connection).forEach(notifier::membersChanged);
    }
}
