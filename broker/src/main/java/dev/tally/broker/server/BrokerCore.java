package dev.tally.broker.server;

import dev.tally.broker.client.ClientCalls;
import dev.tally.broker.client.ClientFacts;
import dev.tally.broker.client.Clients;
import dev.tally.broker.client.ConsumerNotifier;
import dev.tally.broker.client.OffsetResets;
import dev.tally.broker.client.Peers;
import dev.tally.broker.client.QueueLocks;
import dev.tally.broker.console.Console;
import dev.tally.broker.filter.Selections;
import dev.tally.broker.message.Delays;
import dev.tally.broker.net.Connection;
import dev.tally.broker.net.ConnectionListener;
import dev.tally.broker.protocol.ConsumerTraits;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.receive.Receiving;
import dev.tally.broker.request.RequestCounts;
import dev.tally.broker.request.RequestGate;
import dev.tally.broker.request.RequestHandler;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.topic.Topics;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
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
    private final ClientCalls calls;
    private final ClientFacts facts = new ClientFacts();
    private final CheckBack checkBack;
    private final DeadLetterReplay replay;
    private final StorageHealth storage;
    private final Dispatcher dispatcher;
    private final Inquiries inquiries = new Inquiries();
    private final Peers peers = new Peers();
    private final RecentSends recentSends;
    private final Receiving receiving;

    /** Wires the handlers for whoever can connect. */
    public BrokerCore(
            MessageStore store,
            ServerSettings settings,
            Executor reads,
            ScheduledExecutorService scheduler,
            InstantSource clock,
            RandomGenerator random) {
        this(store, settings, reads, scheduler, clock, random, RequestGate.OPEN);
    }

    /**
     * Wires the handlers.
     *
     * @param store the storage; its arrival listener becomes this broker's
     * @param reads runs what may read from disk; bounded, a refusal becomes a busy answer
     * @param scheduler runs short tasks later; never reads or writes
     * @param gate asked before a request is handled
     */
    public BrokerCore(
            MessageStore store,
            ServerSettings settings,
            Executor reads,
            ScheduledExecutorService scheduler,
            InstantSource clock,
            RandomGenerator random,
            RequestGate gate) {
        clients = new Clients(clock);
        locks = new QueueLocks(clock);
        held = new HeldPulls(store, reads, scheduler);
        notifier = new ConsumerNotifier(clients, scheduler);
        calls = new ClientCalls(scheduler);
        OffsetResets resets = new OffsetResets(clients);
        checkBack = new CheckBack(store, settings, clients, inquiries, reads, gate);
        Topics topics = new Topics(store, settings, notifier::topicCreated);
        Delays delays = new Delays(settings.delayLevels(), clock);
        Retries retries = new Retries(store, locks);
        recentSends = new RecentSends(settings.repeats(), store, reads, clock, peers);
        recentSends.restore(store.tailAtStart());
        RequestHandler send = new SendHandler(store, settings, topics, retries, delays, clock, random, recentSends);
        RequestHandler sendBack = new SendBackHandler(store, settings, topics, retries, delays, reads, clock, random);
        Selections selections = new Selections();
        RequestHandler pull = new PullHandler(store, clients, held, locks, resets, reads, scheduler, clock, selections);
        ClientHandlers members = new ClientHandlers(store, clients, locks, notifier);
        OffsetHandlers offsets = new OffsetHandlers(store, locks, resets);
        TopicHandlers configs = new TopicHandlers(store, settings, topics);

        Map<Integer, RequestHandler> table = new HashMap<>();
        table.put(RequestCode.GET_ROUTE_BY_TOPIC, new RouteHandler(settings, topics));
        table.put(RequestCode.GET_BROKER_CLUSTER_INFO, configs::cluster);
        table.put(RequestCode.GET_ALL_TOPICS_FROM_NAME_SERVER, configs::list);
        table.put(RequestCode.GET_TOPIC_CONFIG, configs::config);
        table.put(RequestCode.UPDATE_AND_CREATE_TOPIC, configs::save);
        table.put(RequestCode.UPDATE_AND_CREATE_SUBSCRIPTION_GROUP, configs::saveGroup);
        RequestHandler heartbeats = new HeartbeatHandler(store, clients, topics, notifier);
        table.put(RequestCode.HEART_BEAT, (connection, request) -> {
            peers.heard(connection, clock.millis());
            facts.heard(
                    connection,
                    new ClientFacts.Facts(
                            request.language(),
                            request.version(),
                            clock.millis(),
                            ConsumerTraits.fromHeartbeat(request.body())));
            return heartbeats.handle(connection, request);
        });
        table.put(RequestCode.UNREGISTER_CLIENT, (connection, request) -> {
            peers.goodbye(connection);
            return members.unregister(connection, request);
        });
        table.put(
                RequestCode.CHECK_CLIENT_CONFIG,
                (connection, request) ->
                        CompletableFuture.completedFuture(SubscriptionFilters.check(selections, request)));
        table.put(RequestCode.GET_CONSUMER_LIST_BY_GROUP, members::consumerIds);
        table.put(RequestCode.LOCK_BATCH_QUEUES, members::lockQueues);
        table.put(RequestCode.UNLOCK_BATCH_QUEUES, members::unlockQueues);
        table.put(RequestCode.SEND_MESSAGE, send);
        table.put(RequestCode.SEND_MESSAGE_V2, send);
        table.put(RequestCode.SEND_BATCH_MESSAGE, send);
        table.put(RequestCode.RECALL_MESSAGE, new RecallHandler(store, settings, reads));
        table.put(RequestCode.CONSUMER_SEND_MESSAGE_BACK, sendBack);
        table.put(RequestCode.END_TRANSACTION, new EndTransactionHandler(store, inquiries));
        table.put(RequestCode.PULL_MESSAGE, pull);
        table.put(RequestCode.LITE_PULL_MESSAGE, pull);
        table.put(RequestCode.QUERY_CONSUMER_OFFSET, offsets::committed);
        table.put(RequestCode.UPDATE_CONSUMER_OFFSET, offsets::commit);
        table.put(RequestCode.GET_MAX_OFFSET, offsets::max);
        table.put(RequestCode.GET_MIN_OFFSET, offsets::min);
        replay = new DeadLetterReplay(store, topics, reads, clock);
        DeleteHandlers deletions = new DeleteHandlers(store, settings, clients, reads);
        table.put(RequestCode.DELETE_TOPIC_IN_BROKER, deletions::topic);
        table.put(RequestCode.DELETE_TOPIC_IN_NAME_SERVER, deletions::route);
        table.put(RequestCode.DELETE_SUBSCRIPTION_GROUP, deletions::group);
        RequestHandler reply = new ReplyHandler(send, settings, clients, calls, clock);
        table.put(RequestCode.SEND_REPLY_MESSAGE, reply);
        table.put(RequestCode.SEND_REPLY_MESSAGE_V2, reply);
        LookupHandlers lookups = new LookupHandlers(store, reads);
        table.put(RequestCode.QUERY_MESSAGE, lookups::byKey);
        table.put(RequestCode.VIEW_MESSAGE_BY_ID, lookups::byPosition);
        table.put(RequestCode.SEARCH_OFFSET_BY_TIMESTAMP, lookups::offsetByTime);
        table.put(RequestCode.GET_EARLIEST_MESSAGE_STORE_TIME, lookups::earliestStoreTime);
        table.put(RequestCode.UPDATE_AND_CREATE_TOPIC_LIST, configs::saveAll);
        table.put(RequestCode.UPDATE_AND_CREATE_SUBSCRIPTION_GROUP_LIST, configs::saveGroups);
        new Console(store, settings, topics, clients, facts, calls, resets, held, reads, scheduler, clock).addTo(table);
        receiving = new Receiving(store, settings, topics, clients, reads, scheduler, clock, random, selections);
        table.putAll(receiving.handlers());
        storage = new StorageHealth(clock);
        dispatcher = new Dispatcher(table, gate, storage, calls, checkBack::heard, this::connectionGone);
        store.onArrival((topic, queueId, nextOffset) -> {
            held.arrived(topic, queueId, nextOffset);
            receiving.arrived(topic, queueId, nextOffset);
        });
    }

    /** What connections are to tell. */
    public ConnectionListener listener() {
        return dispatcher;
    }

    /** Starts asking producers about half messages, in rounds that far apart. */
    public void startCheckBacks(ScheduledExecutorService scheduler, long roundMillis) {
        var unused = scheduler.scheduleWithFixedDelay(checkBack, roundMillis, roundMillis, TimeUnit.MILLISECONDS);
    }

    /** Starts giving messages to others that consumers that pop did not acknowledge in time. */
    public void startReceiving(ScheduledExecutorService scheduler) {
        receiving.start(scheduler);
    }

    /** Runs one round of that now. */
    void receivingRound() {
        receiving.round();
    }

    /** Runs one round of check-backs now. */
    void checkBackRound() {
        checkBack.run();
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

    /** Pops that wait for messages now, and questions whether one would find something. */
    public int heldPops() {
        return receiving.heldPops();
    }

    /** Sends that were recognised as repeats since the start. */
    public long repeatedSends() {
        return recentSends.recognised();
    }

    /**
     * Delivers a consumer group's dead letters to it once more, from where the last replay ended; they stay in the dead
     * letters as well. One replay of a group at a time.
     *
     * @return how many letters were replayed; where it fails midway, another replay goes on, and may repeat up to 64
     */
    public CompletableFuture<Long> replayDeadLetters(String group) {
        return replay.replay(group);
    }

    /** Whether the storage takes messages, as the latest requests met it. */
    public StorageHealth.Report storage() {
        return storage.report();
    }

    /** How many requests were answered how, since the start. */
    public RequestCounts requests() {
        return dispatcher.counts();
    }

    /**
     * Takes no more requests.
     *
     * @return completes when those that were taken are answered, but for pulls that are held
     */
    public CompletableFuture<Void> stop() {
        return dispatcher.stop();
    }

    private void connectionGone(Connection connection) {
        peers.gone(connection);
        inquiries.gone(connection);
        held.gone(connection);
        calls.gone(connection);
        facts.gone(connection);
        receiving.gone(connection);
        locks.gone(connection);
        clients.gone(connection).forEach(notifier::membersChanged);
    }
}
