package dev.tally.broker.topic;

import dev.tally.broker.protocol.SystemTopics;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.TopicConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Topics and their creation on demand. Thread-safe. */
public final class Topics {

    private static final int WRITE = 2;
    private static final int LONGEST_NAME = 127;
    /** What a producer wants that was not told otherwise; the question about a route does not say it. */
    private static final int PRODUCER_DEFAULT_QUEUES = 4;

    private static final int LONGEST_GROUP_TOPIC_NAME = 255;

    private final MessageStore store;
    private final Consumer<String> created;
    private final Map<String, Creation> underWay = new HashMap<>();
    private final String replyTopic;
    private volatile boolean autoCreate;
    private volatile int defaultQueues;
    private volatile boolean writesWiped;

    /** @param created told of each topic that came into being, after it is durable */
    public Topics(MessageStore store, ServerSettings settings, Consumer<String> created) {
        this.store = store;
        this.created = created;
        this.replyTopic = settings.cluster() + SystemTopics.REPLY_SUFFIX;
        this.autoCreate = settings.autoCreateTopics();
        this.defaultQueues = settings.defaultQueues();
    }

    /** Whether a send to an unknown topic creates it. */
    public boolean autoCreate() {
        return autoCreate;
    }

    public void autoCreate(boolean allowed) {
        autoCreate = allowed;
    }

    /** Queues of a topic that is created by a send, at most. */
    public int defaultQueues() {
        return defaultQueues;
    }

    public void defaultQueues(int most) {
        defaultQueues = most;
    }

    /** Whether routes say of every topic that it is not for writing; sends themselves are not refused. */
    public void wipeWrites(boolean wiped) {
        writesWiped = wiped;
    }

    /** A topic's permission as routes say it. */
    public int permInRoutes(TopicConfig topic) {
        return writesWiped ? topic.perm() & ~WRITE : topic.perm();
    }

    /**
     * A topic that exists or is being created.
     *
     * @param config the topic
     * @param durable completes when it is on disk; records that are appended from now on come after it
     */
    public record Creation(TopicConfig config, CompletableFuture<TopicConfig> durable) {}

    public @Nullable TopicConfig find(String name) {
        return store.topic(name);
    }

    /** The topic of that name; is created as wanted where there is none. */
    public synchronized Creation ensure(TopicConfig wanted) {
        TopicConfig known = store.topic(wanted.name());
        if (known != null) {
            return new Creation(known, CompletableFuture.completedFuture(known));
        }
        Creation creation = underWay.get(wanted.name());
        return creation == null ? save(wanted) : creation;
    }

    /** Creates or changes a topic. */
    public synchronized Creation save(TopicConfig wanted) {
        Creation creation = new Creation(wanted, new CompletableFuture<>());
        underWay.put(wanted.name(), creation);
        var unused = store.saveTopic(wanted).whenComplete((saved, failure) -> {
            finished(wanted.name(), creation);
            if (failure == null) {
                creation.durable.complete(saved);
                created.accept(wanted.name());
            } else {
                creation.durable.completeExceptionally(failure);
            }
        });
        return creation;
    }

    /** The topic for a send, created where that is allowed; {@code null} where it does not exist and may not. */
    public @Nullable Creation forSend(String name, int wantedQueues) {
        TopicConfig known = store.topic(name);
        if (known != null) {
            return new Creation(known, CompletableFuture.completedFuture(known));
        }
        if (isReplyTopic(name)) {
            return ensure(replyConfig());
        }
        if (name.equals(SystemTopics.TRACE)) {
            return trace();
        }
        if (!autoCreate) {
            return null;
        }
        int queues = Math.max(1, Math.min(wantedQueues, defaultQueues));
        return ensure(new TopicConfig(name, queues, queues, GroupTopics.READ_WRITE, 0));
    }

    /** The topic whose route is asked for, created where that is allowed; {@code null} where it may not be. */
    public @Nullable Creation forAsking(String name) {
        if (complaintAbout(name) != null) {
            return null;
        }
        if (GroupTopics.isRetry(name)) {
            return ensure(GroupTopics.retryConfig(GroupTopics.config(store, GroupTopics.groupOfRetry(name))));
        }
        if (isReplyTopic(name)) {
            return ensure(replyConfig());
        }
        if (name.startsWith(GroupTopics.DEAD_LETTER_PREFIX)) {
            // Who watches a group's dead letters may start before there are any.
            String group = name.substring(GroupTopics.DEAD_LETTER_PREFIX.length());
            return store.group(group) == null ? null : ensure(GroupTopics.deadLetterConfig(group));
        }
        if (name.equals(SystemTopics.TRACE)) {
            return trace();
        }
        return name.startsWith(SystemTopics.PREFIX) ? null : forSend(name, PRODUCER_DEFAULT_QUEUES);
    }

    /** Whether it is a topic that RocketMQ's brokers keep for themselves, and to which no producer may send. */
    public static boolean closedToProducers(String name) {
        return SystemTopics.CLOSED_TO_PRODUCERS.contains(name);
    }

    /** The protocol's own topic for traces: nobody creates it, so it comes into being with its first use. */
    private Creation trace() {
        return ensure(new TopicConfig(SystemTopics.TRACE, 1, 1, GroupTopics.READ_WRITE, 0));
    }

    /** Says what is wrong with a topic's name, {@code null} for nothing. */
    public static @Nullable String complaintAbout(String name) {
        boolean ofGroup = name.startsWith(GroupTopics.RETRY_PREFIX) || name.startsWith(GroupTopics.DEAD_LETTER_PREFIX);
        int longest = ofGroup ? LONGEST_GROUP_TOPIC_NAME : LONGEST_NAME;
        if (name.isEmpty() || name.length() > longest) {
            return "Topic name has " + name.length() + " characters; 1 to " + longest + " are allowed";
        }
        if (name.equals(SystemTopics.TEMPLATE)) {
            return "Topic " + SystemTopics.TEMPLATE + " is reserved for the protocol and takes no messages";
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!plain && c != '_' && c != '-' && c != '%' && c != '|') {
                return "Topic name has a character at index " + i
                        + " that is not allowed: letters, digits, _ - % | are";
            }
        }
        return null;
    }

    /** Whether a queue exists, be it a hidden one of a topic that has fewer by now. */
    public static boolean hasQueue(MessageStore store, String topic, int queueId) {
        TopicConfig config = store.topic(topic);
        return config != null
                && queueId >= 0
                && (queueId < Math.max(config.readQueues(), config.writeQueues())
                        || store.maxOffset(topic, queueId) > 0);
    }

    /** Whether a topic has the name under which a cluster keeps replies. */
    public static boolean keepsReplies(String name) {
        return name.endsWith(SystemTopics.REPLY_SUFFIX);
    }

    /** Whether it is the topic that keeps replies; it needs nobody to create it. */
    private boolean isReplyTopic(String name) {
        return name.equals(replyTopic);
    }

    private TopicConfig replyConfig() {
        return new TopicConfig(replyTopic, 1, 1, GroupTopics.READ_WRITE, 0);
    }

    private synchronized void finished(String name, Creation creation) {
        underWay.remove(name, creation);
    }
}
