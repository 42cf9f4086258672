package dev.tally.broker.console;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.JsonBody;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.topic.KeyValues;
import dev.tally.broker.topic.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What people ask a name server, beside where topics are. */
final class NameQuestions {

    private static final Logger log = LoggerFactory.getLogger(NameQuestions.class);

    private final Place place;
    private final Topics topics;
    private final KeyValues values;

    NameQuestions(Place place, Topics topics, KeyValues values) {
        this.place = place;
        this.topics = topics;
        this.values = values;
    }

    CompletableFuture<Answer> value(Connection connection, Command request) {
        String namespace = request.fields().requiredText("namespace");
        String key = request.fields().requiredText("key");
        String value = values.of(namespace).get(key);
        return TopicQuestions.done(
                value == null
                        ? Answer.refused(ResponseCode.QUERY_NOT_FOUND, "Namespace " + namespace + " has no key " + key)
                        : Answer.ok(Fields.of("value", value)));
    }

    CompletableFuture<Answer> put(Connection connection, Command request) {
        return set(request.fields(), request.fields().requiredText("value"));
    }

    CompletableFuture<Answer> delete(Connection connection, Command request) {
        return set(request.fields(), null);
    }

    private CompletableFuture<Answer> set(Fields fields, @Nullable String value) {
        String namespace = fields.requiredText("namespace");
        String key = fields.requiredText("key");
        try {
            return values.set(namespace, key, value).thenApply(durable -> Answer.ok());
        } catch (IllegalArgumentException e) {
            return TopicQuestions.done(Answer.refused(ResponseCode.INVALID_PARAMETER, String.valueOf(e.getMessage())));
        }
    }

    CompletableFuture<Answer> namespace(Connection connection, Command request) {
        String namespace = request.fields().requiredText("namespace");
        Map<String, String> all = values.of(namespace);
        return TopicQuestions.done(
                all.isEmpty()
                        ? Answer.refused(ResponseCode.QUERY_NOT_FOUND, "Namespace " + namespace + " is empty")
                        : Answer.ok(JsonBody.write(Map.of("table", all))));
    }

    CompletableFuture<Answer> wipeWrites(Connection connection, Command request) {
        return writes(request, true, "wipeTopicCount");
    }

    CompletableFuture<Answer> addWrites(Connection connection, Command request) {
        return writes(request, false, "addTopicCount");
    }

    /** Producers are told by their next question for a route; until the next start, as with any name server. */
    private CompletableFuture<Answer> writes(Command request, boolean wiped, String countName) {
        boolean here = place.settings.brokerName().equals(request.fields().requiredText("brokerName"));
        if (here) {
            topics.wipeWrites(wiped);
            log.info("Write permission in routes changed; wiped={}", wiped);
        }
        int count = here ? place.store.topics().size() : 0;
        return TopicQuestions.done(Answer.ok(Fields.of(countName, count)));
    }

    CompletableFuture<Answer> config(Connection connection, Command request) {
        Map<String, String> config = new LinkedHashMap<>();
        config.put("listenPort", Integer.toString(place.settings.storeHost().getPort()));
        config.put("bindAddress", place.settings.storeHost().getAddress().getHostAddress());
        config.put("orderMessageEnable", "false");
        return TopicQuestions.done(Answer.ok(properties(config)));
    }

    static ByteBuffer properties(Map<String, String> config) {
        StringBuilder text = new StringBuilder();
        config.forEach((name, value) -> text.append(name)
                .append('=')
                .append(value.replace("\\", "\\\\"))
                .append('\n'));
        return StandardCharsets.UTF_8.encode(text.toString());
    }

    /** Which brokers answer under this broker's name: this one. */
    CompletableFuture<Answer> members(Connection connection, Command request) {
        Map<String, Object> group = new LinkedHashMap<>();
        group.put("brokerAddrs", Map.of("0", place.settings.advertised()));
        group.put("brokerName", place.settings.brokerName());
        group.put("cluster", place.settings.cluster());
        return TopicQuestions.done(Answer.ok(JsonBody.write(Map.of("brokerMemberGroup", group))));
    }
}
