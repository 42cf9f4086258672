package dev.tally.broker.server;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.CreateTopicRequest;
import dev.tally.broker.protocol.GroupConfigRequest;
import dev.tally.broker.protocol.JsonBody;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.TopicRoute;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.store.FlushMode;
import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.topic.GroupTopics;
import dev.tally.broker.topic.TopicJson;
import dev.tally.broker.topic.Topics;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The short exchanges about topics, groups and the cluster. */
final class TopicHandlers {

    private static final String KEEP_UNCONSUMED = "keep.unconsumed";
    private static final int MOST_QUEUES = 1024;

    private final MessageStore store;
    private final ServerSettings settings;
    private final Topics topics;

    TopicHandlers(MessageStore store, ServerSettings settings, Topics topics) {
        this.store = store;
        this.settings = settings;
        this.topics = topics;
    }

    CompletableFuture<Answer> save(Connection connection, Command request) {
        return save(CreateTopicRequest.from(request.fields()));
    }

    /** Several at once: all that can be saved are, the answer names the first that cannot. */
    CompletableFuture<Answer> saveAll(Connection connection, Command request) {
        return all(CreateTopicRequest.listFrom(request.body()).stream()
                .map(this::save)
                .toList());
    }

    CompletableFuture<Answer> saveGroups(Connection connection, Command request) {
        return all(GroupConfigRequest.listFrom(request.body()).stream()
                .map(this::saveGroup)
                .toList());
    }

    private static CompletableFuture<Answer> all(List<CompletableFuture<Answer>> answers) {
        return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
                .thenApply(durable -> answers.stream()
                        .map(CompletableFuture::join)
                        .filter(answer -> answer.code() != ResponseCode.SUCCESS)
                        .findFirst()
                        .orElse(Answer.ok()));
    }

    private CompletableFuture<Answer> save(CreateTopicRequest wanted) {
        String complaint = Topics.complaintAbout(wanted.topic());
        int fewest = Math.min(wanted.readQueues(), wanted.writeQueues());
        int most = Math.max(wanted.readQueues(), wanted.writeQueues());
        if (complaint == null && (fewest < 1 || most > MOST_QUEUES)) {
            complaint = "queue counts must be 1 to " + MOST_QUEUES;
        }
        String flushName = wanted.attribute("flush");
        FlushMode flush = flushName == null ? null : flushNamed(flushName);
        if (complaint == null && flushName != null && flush == null) {
            complaint = "its flush is " + flushName + ", which is neither sync nor async";
        }
        String keepName = wanted.attribute(KEEP_UNCONSUMED);
        if (complaint == null && keepName != null && !keepName.equals("true") && !keepName.equals("false")) {
            complaint = "its " + KEEP_UNCONSUMED + " is " + keepName + ", which is neither true nor false";
        }
        if (complaint == null && wanted.attributes().chars().anyMatch(c -> c == '\n' || c == '\r')) {
            complaint = "its attributes hold a line break";
        }
        if (complaint != null) {
            return done(Answer.refused(
                    ResponseCode.INVALID_PARAMETER, "Cannot create topic " + wanted.topic() + ": " + complaint));
        }
        TopicConfig before = store.topic(wanted.topic());
        TopicConfig config = new TopicConfig(
                wanted.topic(),
                wanted.readQueues(),
                wanted.writeQueues(),
                wanted.perm(),
                wanted.sysFlag(),
                flush,
                keepName == null ? null : Boolean.valueOf(keepName),
                wanted.order(),
                wanted.changed(before == null ? Map.of() : before.attributes(), Set.of("flush", KEEP_UNCONSUMED)));
        return topics.save(config).durable().thenApply(saved -> Answer.ok());
    }

    private static @Nullable FlushMode flushNamed(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "sync" -> FlushMode.SYNC;
            case "async" -> FlushMode.ASYNC;
            default -> null;
        };
    }

    CompletableFuture<Answer> list(Connection connection, Command request) {
        return done(Answer.ok(JsonBody.write(Map.of(
                "topicList",
                store.topics().stream().map(TopicConfig::name).sorted().toList()))));
    }

    CompletableFuture<Answer> config(Connection connection, Command request) {
        String name = request.fields().requiredText("topic");
        TopicConfig topic = store.topic(name);
        if (topic == null) {
            return done(Answer.refused(ResponseCode.TOPIC_NOT_EXIST, "Topic " + name + " does not exist"));
        }
        return done(Answer.ok(JsonBody.write(TopicJson.of(topic))));
    }

    CompletableFuture<Answer> saveGroup(Connection connection, Command request) {
        return saveGroup(GroupConfigRequest.from(request.body()));
    }

    private CompletableFuture<Answer> saveGroup(GroupConfigRequest wanted) {
        String complaint = Topics.complaintAbout(GroupTopics.retry(wanted.group()));
        if (complaint != null) {
            return done(Answer.refused(
                    ResponseCode.INVALID_PARAMETER, "Cannot save group " + wanted.group() + ": " + complaint));
        }
        int retryQueues = Math.max(1, Math.min(wanted.retryQueues(), MOST_QUEUES));
        return store.saveGroup(new GroupConfig(
                        wanted.group(), wanted.consumeEnabled(), retryQueues, wanted.maxReconsume(), wanted.more()))
                .thenApply(saved -> Answer.ok());
    }

    CompletableFuture<Answer> cluster(Connection connection, Command request) {
        return done(
                Answer.ok(TopicRoute.clusterBody(settings.brokerName(), settings.cluster(), settings.advertised())));
    }

    private static CompletableFuture<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
