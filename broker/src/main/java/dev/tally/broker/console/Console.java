package dev.tally.broker.console;

import dev.tally.broker.client.ClientCalls;
import dev.tally.broker.client.ClientFacts;
import dev.tally.broker.client.Clients;
import dev.tally.broker.client.OffsetResets;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.request.RequestHandler;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.topic.KeyValues;
import dev.tally.broker.topic.Topics;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The table of what the administration tool and the dashboard ask. Thread-safe. */
public final class Console {

    private static final Logger log = LoggerFactory.getLogger(Console.class);

    private final TopicQuestions topicQuestions;
    private final GroupQuestions groupQuestions;
    private final GroupChanges groupChanges;
    private final ClientQuestions clientQuestions;
    private final NameQuestions names;
    private final BrokerQuestions broker;
    private final HalfQuestions halves;
    private final HalfSearch halfSearch;

    /**
     * Wires the handlers and begins to take samples.
     *
     * @param heldPulls told where a reset is news to consumers that wait
     * @param reads runs what may read from disk
     * @param scheduler runs short tasks later
     */
    public Console(
            MessageStore store,
            ServerSettings settings,
            Topics topics,
            Clients clients,
            ClientFacts facts,
            ClientCalls calls,
            OffsetResets resets,
            MessageStore.ArrivalListener heldPulls,
            Executor reads,
            ScheduledExecutorService scheduler,
            InstantSource clock) {
        Place place = new Place(store, settings, reads);
        Rates rates = new Rates(store, clock);
        topicQuestions = new TopicQuestions(place, rates);
        groupQuestions = new GroupQuestions(place, clients, rates, clock);
        groupChanges = new GroupChanges(place, groupQuestions, clients, resets, heldPulls);
        clientQuestions = new ClientQuestions(place, clients, facts, calls);
        names = new NameQuestions(place, topics, new KeyValues(store));
        broker = new BrokerQuestions(place, topics, rates, clock);
        halves = new HalfQuestions(place, clock);
        halfSearch = new HalfSearch(place, halves);
        long every = Rates.SAMPLE_EVERY.toMillis();
        var unused = scheduler.scheduleWithFixedDelay(() -> sample(rates, reads), 0, every, TimeUnit.MILLISECONDS);
    }

    private static void sample(Rates rates, Executor reads) {
        try {
            reads.execute(rates);
        } catch (RejectedExecutionException e) {
            log.debug("Sample of rates left out, the readers are busy or stopping");
        }
    }

    /** Adds the handlers to the table from code to handler. */
    public void addTo(Map<Integer, RequestHandler> table) {
        addTopics(table);
        addGroups(table);
        table.put(RequestCode.GET_CONSUMER_CONNECTION_LIST, clientQuestions::consumers);
        table.put(RequestCode.GET_PRODUCER_CONNECTION_LIST, clientQuestions::producers);
        table.put(RequestCode.GET_ALL_PRODUCER_INFO, clientQuestions::allProducers);
        table.put(RequestCode.GET_CONSUMER_RUNNING_INFO, clientQuestions::runningInfo);
        table.put(RequestCode.CONSUME_MESSAGE_DIRECTLY, clientQuestions::consumeDirectly);
        table.put(RequestCode.INVOKE_BROKER_TO_GET_CONSUMER_STATUS, clientQuestions::offsetsOfMembers);
        table.put(RequestCode.GET_KV_CONFIG, names::value);
        table.put(RequestCode.PUT_KV_CONFIG, names::put);
        table.put(RequestCode.DELETE_KV_CONFIG, names::delete);
        table.put(RequestCode.GET_KV_LIST_BY_NAMESPACE, names::namespace);
        table.put(RequestCode.WIPE_WRITE_PERM_OF_BROKER, names::wipeWrites);
        table.put(RequestCode.ADD_WRITE_PERM_OF_BROKER, names::addWrites);
        table.put(RequestCode.GET_NAME_SERVER_CONFIG, names::config);
        table.put(RequestCode.GET_BROKER_MEMBER_GROUP, names::members);
        table.put(RequestCode.GET_BROKER_CONFIG, broker::config);
        table.put(RequestCode.UPDATE_BROKER_CONFIG, broker::configure);
        table.put(RequestCode.GET_BROKER_RUNTIME_INFO, broker::runtime);
        table.put(RequestCode.VIEW_BROKER_STATS_DATA, broker::rates);
        table.put(RequestCode.GET_BROKER_HA_STATUS, broker::highAvailability);
        table.put(RequestCode.RESUME_CHECK_HALF_MESSAGE, broker::resumeHalf);
        table.put(RequestCode.LIST_HALF_MESSAGES, halves::ofGroup);
        table.put(RequestCode.OLDEST_HALF_MESSAGE, halves::oldestOfGroup);
        table.put(RequestCode.FIND_HALF_MESSAGES, halfSearch::find);
        table.put(RequestCode.COUNT_HALF_MESSAGES, halfSearch::count);
        table.put(RequestCode.CLEAN_UNUSED_TOPIC, broker::nothingToClean);
        table.put(RequestCode.CLEAN_EXPIRED_CONSUME_QUEUE, broker::nothingToClean);
        table.put(RequestCode.DELETE_EXPIRED_COMMIT_LOG, broker::nothingToClean);
        Refusals.REASONS.forEach((code, reason) -> table.put(code, refuse(code, reason)));
    }

    private void addTopics(Map<Integer, RequestHandler> table) {
        table.put(RequestCode.GET_TOPIC_STATS_INFO, topicQuestions::stats);
        table.put(RequestCode.GET_ALL_TOPIC_CONFIG, topicQuestions::configs);
        table.put(RequestCode.GET_TOPICS_BY_CLUSTER, topicQuestions::ofCluster);
        table.put(RequestCode.GET_UNIT_TOPIC_LIST, topicQuestions::unit);
        table.put(RequestCode.GET_HAS_UNIT_SUB_TOPIC_LIST, topicQuestions::unitSubscribed);
        table.put(RequestCode.GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST, topicQuestions::subscribedFromUnits);
        table.put(RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_NAME_SERVER, topicQuestions::systemTopicsOfNames);
        table.put(RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_BROKER, topicQuestions::systemTopics);
        table.put(RequestCode.QUERY_CONSUME_QUEUE, topicQuestions::index);
    }

    private void addGroups(Map<Integer, RequestHandler> table) {
        table.put(RequestCode.GET_ALL_SUBSCRIPTION_GROUP_CONFIG, groupQuestions::configs);
        table.put(RequestCode.GET_SUBSCRIPTION_GROUP_CONFIG, groupQuestions::config);
        table.put(RequestCode.GET_CONSUME_STATS, groupQuestions::progress);
        table.put(RequestCode.GET_BROKER_CONSUME_STATS, groupQuestions::allProgress);
        table.put(RequestCode.QUERY_TOPIC_CONSUME_BY_WHO, groupQuestions::consumersOf);
        table.put(RequestCode.QUERY_TOPICS_BY_CONSUMER, groupQuestions::topicsConsumed);
        table.put(RequestCode.QUERY_SUBSCRIPTION_BY_CONSUMER, groupQuestions::subscription);
        table.put(RequestCode.QUERY_CONSUME_TIME_SPAN, groupQuestions::timeSpan);
        table.put(RequestCode.QUERY_CORRECTION_OFFSET, groupQuestions::correction);
        table.put(RequestCode.GET_ALL_CONSUMER_OFFSET, groupQuestions::allOffsets);
        table.put(RequestCode.INVOKE_BROKER_TO_RESET_OFFSET, groupChanges::reset);
        table.put(RequestCode.CLONE_GROUP_OFFSET, groupChanges::cloneOffsets);
    }

    private static RequestHandler refuse(int code, String reason) {
        Answer answer = Answer.refused(
                ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
                "Request code " + code + " is not supported by this broker: " + reason);
        return (connection, request) -> CompletableFuture.completedFuture(answer);
    }
}
