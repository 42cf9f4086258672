package dev.tally.broker.console;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.JsonBody;
import dev.tally.broker.protocol.MalformedCommandException;
import dev.tally.broker.protocol.OffsetMessageId;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.store.StoreStats;
import dev.tally.broker.topic.Topics;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Questions about the broker itself, and the few settings that can be changed while it runs. */
final class BrokerQuestions {

    private static final Logger log = LoggerFactory.getLogger(BrokerQuestions.class);
    private static final String AUTO_CREATE = "autoCreateTopicEnable";
    private static final String DEFAULT_QUEUES = "defaultTopicQueueNums";
    private static final String VERSION = "V5_5_0";
    private static final int MOST_QUEUES = 1024;

    private final Place place;
    private final Topics topics;
    private final Rates rates;
    private final InstantSource clock;
    private final long startedMillis;

    BrokerQuestions(Place place, Topics topics, Rates rates, InstantSource clock) {
        this.place = place;
        this.topics = topics;
        this.rates = rates;
        this.clock = clock;
        this.startedMillis = clock.millis();
    }

    CompletableFuture<Answer> runtime(Connection connection, Command request) {
        StoreStats stats = place.store.stats();
        Map<String, String> table = new TreeMap<>();
        table.put("brokerActive", "true");
        table.put("brokerVersion", Integer.toString(Command.BROKER_VERSION));
        table.put("brokerVersionDesc", VERSION);
        table.put("bootTimestamp", Long.toString(startedMillis));
        table.put("startAcceptSendRequestTimeStamp", Long.toString(startedMillis));
        Duration up = Duration.ofMillis(Math.max(0, clock.millis() - startedMillis));
        table.put(
                "runtime",
                "[ " + up.toDays() + " days, " + up.toHoursPart() + " hours, " + up.toMinutesPart() + " minutes, "
                        + up.toSecondsPart() + " seconds ]");
        table.put("commitLogMinOffset", Long.toString(stats.logStart()));
        table.put("commitLogMaxOffset", Long.toString(stats.logStart() + stats.logBytes()));
        table.put("putMessageTimesTotal", Long.toString(stats.messages()));
        table.put("msgPutTotalTodayNow", Long.toString(stats.messages()));
        table.put("putTps", rates.threeRates(Rates.TOPIC_PUT_NUMS));
        String got = rates.threeRates(Rates.GROUP_GET_NUMS);
        table.put("getFoundTps", got);
        table.put("getTotalTps", got);
        table.put("getTransferredTps", got);
        table.put("getTransferedTps", got);
        table.put("getMissTps", "0.0 0.0 0.0");
        table.put("timerCongestNum", Long.toString(stats.scheduled()));
        table.put("halfMessagesUndecided", Long.toString(stats.undecided()));
        table.put("halfMessagesParked", Long.toString(stats.parked()));
        for (String zero : List.of(
                "sendThreadPoolQueueSize",
                "sendThreadPoolQueueHeadWaitTimeMills",
                "pullThreadPoolQueueSize",
                "pullThreadPoolQueueHeadWaitTimeMills",
                "queryThreadPoolQueueSize",
                "queryThreadPoolQueueHeadWaitTimeMills",
                "litePullThreadPoolQueueSize",
                "litePullThreadPoolQueueHeadWaitTimeMills",
                "ackThreadPoolQueueSize",
                "ackThreadPoolQueueHeadWaitTimeMills",
                "EndTransactionQueueSize",
                "dispatchBehindBytes",
                "pageCacheLockTimeMills",
                "remainTransientStoreBufferNumbs",
                "timerReadBehind",
                "timerOffsetBehind",
                "msgPutTotalYesterdayMorning",
                "msgPutTotalTodayMorning",
                "msgGetTotalYesterdayMorning",
                "msgGetTotalTodayMorning")) {
            // There are no such queues and no such lag here, and nothing is counted by the day.
            table.put(zero, "0");
        }
        table.put("msgGetTotalTodayNow", Long.toString(rates.totalGot()));
        table.put("timerEnqueueTps", "0.0");
        table.put("timerDequeueTps", "0.0");
        return place.read(() -> {
            table.put("earliestMessageTimeStamp", Long.toString(earliest()));
            return Answer.ok(JsonBody.write(Map.of("table", table)));
        });
    }

    private long earliest() {
        return place.store.topics().stream()
                .filter(topic -> place.store.maxOffset(topic.name(), 0) > place.store.minOffset(topic.name(), 0))
                .mapToLong(topic ->
                        place.storedAt(topic.name(), 0, place.store.minOffset(topic.name(), 0), Long.MAX_VALUE))
                .min()
                .orElse(-1);
    }

    CompletableFuture<Answer> config(Connection connection, Command request) {
        return TopicQuestions.done(new Answer(
                ResponseCode.SUCCESS,
                null,
                Fields.of("version", JsonBody.text(TopicQuestions.version())),
                NameQuestions.properties(settings())));
    }

    private Map<String, String> settings() {
        Map<String, String> config = new LinkedHashMap<>();
        config.put("brokerName", place.settings.brokerName());
        config.put("brokerClusterName", place.settings.cluster());
        config.put("brokerId", "0");
        config.put("brokerIP1", place.settings.storeHost().getAddress().getHostAddress());
        config.put("listenPort", Integer.toString(place.settings.storeHost().getPort()));
        config.put("namesrvAddr", place.settings.advertised());
        config.put("brokerRole", "ASYNC_MASTER");
        config.put("brokerPermission", "6");
        config.put(AUTO_CREATE, Boolean.toString(topics.autoCreate()));
        config.put(DEFAULT_QUEUES, Integer.toString(topics.defaultQueues()));
        config.put("autoCreateSubscriptionGroup", "true");
        config.put("maxMessageSize", Integer.toString(place.settings.maxMessageBytes()));
        config.put(
                "messageDelayLevel",
                place.settings.delayLevels().stream()
                        .map(BrokerQuestions::level)
                        .collect(Collectors.joining(" ")));
        config.put("transactionCheckMax", "15");
        return config;
    }

    private static String level(Duration delay) {
        if (delay.toMinutes() == 0 || delay.toSecondsPart() != 0) {
            return delay.toSeconds() + "s";
        }
        return delay.toMinutesPart() != 0 ? delay.toMinutes() + "m" : delay.toHours() + "h";
    }

    /**
     * Changes settings: all that are named, or none. What is said again as it is changes nothing. Until the next start:
     * there the command that starts the broker says what holds.
     */
    CompletableFuture<Answer> configure(Connection connection, Command request) {
        Map<String, String> wanted = wanted(request);
        Map<String, String> present = settings();
        for (Map.Entry<String, String> change : wanted.entrySet()) {
            String complaint = complaint(change.getKey(), change.getValue(), present.get(change.getKey()));
            if (complaint != null) {
                return TopicQuestions.done(Answer.refused(
                        ResponseCode.INVALID_PARAMETER,
                        "Cannot set " + change.getKey() + " to " + change.getValue() + ": " + complaint
                                + "; nothing changed"));
            }
        }
        String autoCreate = wanted.get(AUTO_CREATE);
        if (autoCreate != null) {
            topics.autoCreate(Boolean.parseBoolean(autoCreate));
        }
        String queues = wanted.get(DEFAULT_QUEUES);
        if (queues != null) {
            topics.defaultQueues(Integer.parseInt(queues));
        }
        log.info("Settings changed until the next start; settings={} by={}", wanted, connection.remoteAddress());
        return TopicQuestions.done(Answer.ok());
    }

    private static Map<String, String> wanted(Command request) {
        Properties properties = new Properties();
        String text = StandardCharsets.UTF_8.decode(request.body().duplicate()).toString();
        try {
            properties.load(new StringReader(text));
        } catch (IOException | IllegalArgumentException e) {
            throw new MalformedCommandException("The body of a settings change is no properties text", e);
        }
        Map<String, String> wanted = new TreeMap<>();
        properties
                .stringPropertyNames()
                .forEach(name -> wanted.put(name, properties.getProperty(name).strip()));
        if (wanted.isEmpty()) {
            throw new MalformedCommandException("A settings change names no setting");
        }
        return wanted;
    }

    private static @Nullable String complaint(String name, String value, @Nullable String present) {
        if (value.equals(present)) {
            return null;
        }
        return switch (name) {
            case AUTO_CREATE -> value.equals("true") || value.equals("false") ? null : "it is neither true nor false";
            case DEFAULT_QUEUES ->
                value.matches("[1-9][0-9]{0,3}") && Integer.parseInt(value) <= MOST_QUEUES
                        ? null
                        : "it is no number from 1 to " + MOST_QUEUES;
            default ->
                present == null
                        ? "this broker has no such setting"
                        : "it is " + present
                                + " and cannot be changed while the broker runs; start it with another one";
        };
    }

    /** Has a half message asked about again whose check-backs were used up. */
    CompletableFuture<Answer> resumeHalf(Connection connection, Command request) {
        String id = request.fields().requiredText("msgId");
        long position = OffsetMessageId.position(id);
        return place.store.resume(position).thenApply(resumed -> {
            if (!resumed) {
                return Answer.refused(
                        ResponseCode.SYSTEM_ERROR,
                        "Cannot resume the checks of half message " + id + " at position " + position
                                + ": no parked half message is there; nothing changed");
            }
            log.info("Half message resumed; position={} by={}", position, connection.remoteAddress());
            return Answer.ok();
        });
    }

    CompletableFuture<Answer> rates(Connection connection, Command request) {
        String name = request.fields().requiredText("statsName");
        String key = request.fields().requiredText("statsKey");
        Rates.Windows windows = rates.of(name, key);
        if (windows == null) {
            return TopicQuestions.done(Answer.refused(
                    ResponseCode.SYSTEM_ERROR,
                    "No statistics " + name + " of " + key + " are kept; there are " + Rates.TOPIC_PUT_NUMS + " and "
                            + Rates.GROUP_GET_NUMS + ", from the first sample on"));
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("statsDay", window(windows.day()));
        json.put("statsHour", window(windows.hour()));
        json.put("statsMinute", window(windows.minute()));
        return TopicQuestions.done(Answer.ok(JsonBody.write(json)));
    }

    private static Map<String, Object> window(Rates.Window window) {
        return Map.of("avgpt", 0.0, "sum", window.sum(), "tps", window.perSecond());
    }

    /** There is no copy of this broker. */
    CompletableFuture<Answer> highAvailability(Connection connection, Command request) {
        StoreStats stats = place.store.stats();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("haClientRuntimeInfo", Map.of());
        json.put("haConnectionInfo", List.of());
        json.put("inSyncSlaveNums", 0);
        json.put("master", true);
        json.put("masterCommitLogMaxOffset", stats.logStart() + stats.logBytes());
        return TopicQuestions.done(Answer.ok(JsonBody.write(json)));
    }

    /** Derived files are deleted with what they are derived from, and expired segments as they expire: nothing is left. */
    CompletableFuture<Answer> nothingToClean(Connection connection, Command request) {
        return TopicQuestions.done(Answer.ok());
    }
}
