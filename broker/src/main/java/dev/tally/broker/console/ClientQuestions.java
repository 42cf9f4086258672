package dev.tally.broker.console;

import dev.tally.broker.client.ClientCalls;
import dev.tally.broker.client.ClientFacts;
import dev.tally.broker.client.ClientUnreachableException;
import dev.tally.broker.client.Clients;
import dev.tally.broker.message.StoredMessages;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.ConsumerTraits;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.JsonBody;
import dev.tally.broker.protocol.OffsetMessageId;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.store.StoredMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.util.RawValue;

/** Questions about clients that are online; some are handed on to the client itself. */
final class ClientQuestions {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Place place;
    private final Clients clients;
    private final ClientFacts facts;
    private final ClientCalls calls;

    ClientQuestions(Place place, Clients clients, ClientFacts facts, ClientCalls calls) {
        this.place = place;
        this.clients = clients;
        this.facts = facts;
        this.calls = calls;
    }

    CompletableFuture<Answer> consumers(Connection connection, Command request) {
        String group = request.fields().requiredText("consumerGroup");
        Map<Connection, String> members = clients.consumerMembers(group);
        if (members.isEmpty()) {
            return TopicQuestions.done(Answer.refused(
                    ResponseCode.CONSUMER_NOT_ONLINE, "Consumer group " + group + " has no member online"));
        }
        ConsumerTraits traits = ConsumerTraits.USUAL;
        for (Connection member : members.keySet()) {
            ClientFacts.Facts known = facts.of(member);
            traits = known == null ? traits : known.consumers().getOrDefault(group, traits);
        }
        Map<String, Object> subscriptions = new TreeMap<>();
        clients.subscriptions(group)
                .forEach((topic, subscription) -> subscriptions.put(topic, ClientJson.of(subscription)));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("connectionSet", connections(members));
        json.put("consumeFromWhere", traits.consumeFromWhere());
        json.put("consumeType", traits.consumeType());
        json.put("messageModel", traits.messageModel());
        json.put("subscriptionTable", subscriptions);
        return TopicQuestions.done(Answer.ok(JsonBody.write(json)));
    }

    CompletableFuture<Answer> producers(Connection connection, Command request) {
        String group = request.fields().requiredText("producerGroup");
        Map<Connection, String> members = clients.producerMembers(group);
        return TopicQuestions.done(
                members.isEmpty()
                        ? Answer.refused(ResponseCode.SYSTEM_ERROR, "Producer group " + group + " has no member online")
                        : Answer.ok(JsonBody.write(Map.of("connectionSet", connections(members)))));
    }

    private List<Object> connections(Map<Connection, String> members) {
        List<Object> connections = new ArrayList<>();
        members.forEach((member, clientId) -> connections.add(ClientJson.of(member, clientId, facts.of(member))));
        return connections;
    }

    CompletableFuture<Answer> allProducers(Connection connection, Command request) {
        Map<String, Object> groups = new TreeMap<>();
        for (String group : clients.producerGroups()) {
            List<Object> members = new ArrayList<>();
            clients.producerMembers(group).forEach((member, clientId) -> {
                ClientFacts.Facts known = facts.of(member);
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("clientId", clientId);
                json.put("language", ClientJson.language(known));
                json.put("lastUpdateTimestamp", known == null ? 0 : known.heardMillis());
                json.put("remoteIP", ClientJson.address(member));
                json.put("version", known == null ? 0 : known.version());
                members.add(json);
            });
            groups.put(group, members);
        }
        return TopicQuestions.done(Answer.ok(JsonBody.write(Map.of("data", groups))));
    }

    CompletableFuture<Answer> runningInfo(Connection connection, Command request) {
        return ask(RequestCode.GET_CONSUMER_RUNNING_INFO, request.fields(), Command.noBody());
    }

    /** Has one consumer handle one message now, out of turn; no offset moves. */
    CompletableFuture<Answer> consumeDirectly(Connection connection, Command request) {
        String id = request.fields().requiredText("msgId");
        long position = OffsetMessageId.position(id);
        Map<String, String> fields = new LinkedHashMap<>(request.fields().asMap());
        fields.put("brokerName", place.settings.brokerName());
        return CompletableFuture.supplyAsync(() -> visible(position), place.reads())
                .thenCompose(body -> body == null
                        ? TopicQuestions.done(Answer.refused(
                                ResponseCode.SYSTEM_ERROR,
                                "Cannot have message " + id + " consumed: no visible message is there"))
                        : ask(RequestCode.CONSUME_MESSAGE_DIRECTLY, fieldsOf(fields), body));
    }

    private @Nullable ByteBuffer visible(long position) {
        StoredMessage message = place.store.messageAt(position);
        return message == null || message.queueOffset() < 0 ? null : StoredMessages.body(List.of(message));
    }

    private static Fields fieldsOf(Map<String, String> fields) {
        List<Object> pairs = new ArrayList<>();
        fields.forEach((name, value) -> {
            pairs.add(name);
            pairs.add(value);
        });
        return Fields.of(pairs.toArray());
    }

    private CompletableFuture<Answer> ask(int code, Fields fields, ByteBuffer body) {
        String group = fields.requiredText("consumerGroup");
        String clientId = fields.requiredText("clientId");
        Connection member = clients.consumerMembers(group).entrySet().stream()
                .filter(entry -> entry.getValue().equals(clientId))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
        if (member == null) {
            return TopicQuestions.done(Answer.refused(
                    ResponseCode.SYSTEM_ERROR, "Consumer " + clientId + " of group " + group + " is not online"));
        }
        return calls.call(member, code, fields, body, PATIENCE)
                .handle((answer, failure) -> failure == null
                        ? new Answer(answer.code(), answer.remark(), answer.fields(), answer.body())
                        : unanswered(group, clientId, failure));
    }

    private static Answer unanswered(String group, String clientId, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof ClientUnreachableException) {
            return Answer.refused(
                    ResponseCode.CONSUME_MESSAGE_TIMEOUT,
                    "Consumer " + clientId + " of group " + group + " was asked: " + cause.getMessage());
        }
        throw new CompletionException(cause);
    }

    /** What the members of a group say of their offsets in a topic. Who does not answer is left out. */
    CompletableFuture<Answer> offsetsOfMembers(Connection connection, Command request) {
        String group = request.fields().requiredText("group");
        String topic = request.fields().requiredText("topic");
        String only = request.fields().text("clientAddr");
        Map<Connection, String> members = clients.consumerMembers(group);
        if (members.isEmpty()) {
            return TopicQuestions.done(
                    Answer.refused(ResponseCode.SYSTEM_ERROR, "Consumer group " + group + " has no member online"));
        }
        Map<String, CompletableFuture<RawValue>> asked = new TreeMap<>();
        Fields fields = Fields.of("topic", topic, "group", group);
        members.forEach((member, clientId) -> {
            if (only == null || only.isBlank() || only.equals(clientId)) {
                asked.put(
                        clientId,
                        calls.call(
                                        member,
                                        RequestCode.GET_CONSUMER_STATUS_FROM_CLIENT,
                                        fields,
                                        Command.noBody(),
                                        PATIENCE)
                                .handle((answer, failure) ->
                                        new RawValue(failure == null ? QueueTables.of(text(answer)) : "{}")));
            }
        });
        return CompletableFuture.allOf(asked.values().toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> {
                    Map<String, Object> table = new TreeMap<>();
                    asked.forEach((clientId, offsets) -> table.put(clientId, offsets.join()));
                    return Answer.ok(
                            JsonBody.write(Map.of("consumerTable", table, "messageQueueTable", new RawValue("{}"))));
                });
    }

    private static String text(Command answer) {
        return StandardCharsets.UTF_8.decode(answer.body().duplicate()).toString();
    }
}
