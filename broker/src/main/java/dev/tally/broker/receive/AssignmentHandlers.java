package dev.tally.broker.receive;

import dev.tally.broker.client.Clients;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.AssignmentRequest;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.JsonBody;
import dev.tally.broker.protocol.RequestModeBody;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.RequestMode;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.topic.GroupTopics;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Clients that leave the rebalancing to the broker ask which queues are theirs, and whether they pull or pop them. */
final class AssignmentHandlers {

    private static final int ALL_QUEUES = -1;

    private final MessageStore store;
    private final ServerSettings settings;
    private final Clients clients;

    AssignmentHandlers(MessageStore store, ServerSettings settings, Clients clients) {
        this.store = store;
        this.settings = settings;
        this.clients = clients;
    }

    /** An answer without assignments lets a client keep what it has. */
    CompletableFuture<Answer> query(Connection connection, Command request) {
        AssignmentRequest wanted = AssignmentRequest.from(request.body());
        RequestMode mode = mode(wanted);
        Set<Integer> queues = assigned(wanted, mode);
        Map<String, Object> body = queues == null
                ? Map.of()
                : Map.of(
                        "messageQueueAssignments",
                        queues.stream().map(queue -> json(wanted, mode, queue)).toList());
        return CompletableFuture.completedFuture(Answer.ok(JsonBody.write(body)));
    }

    private Map<String, Object> json(AssignmentRequest wanted, RequestMode mode, int queueId) {
        return Map.of(
                "messageQueue",
                Map.of("topic", wanted.topic(), "brokerName", settings.brokerName(), "queueId", queueId),
                "mode",
                mode.pop() ? "POP" : "PULL");
    }

    private RequestMode mode(AssignmentRequest wanted) {
        RequestMode mode =
                GroupTopics.isRetry(wanted.topic()) ? null : store.requestMode(wanted.group(), wanted.topic());
        return mode == null ? new RequestMode(wanted.group(), wanted.topic(), false, 0) : mode;
    }

    private @Nullable Set<Integer> assigned(AssignmentRequest wanted, RequestMode mode) {
        TopicConfig topic = store.topic(wanted.topic());
        if (topic == null) {
            return null;
        }
        List<Integer> all = IntStream.range(0, topic.readQueues()).boxed().toList();
        if (wanted.broadcasting()) {
            return new LinkedHashSet<>(all);
        }
        List<String> members = clients.consumerIds(wanted.group());
        Allocation allocation = Allocation.named(wanted.strategy());
        if (members.isEmpty() || allocation == null) {
            return null;
        }
        int self = members.indexOf(wanted.clientId());
        if (mode.pop()) {
            return popped(allocation, all, members.size(), self, mode.sharedQueues());
        }
        return new LinkedHashSet<>(allocation.of(all, members.size(), self));
    }

    /** Clients that pop share queues: all of them, or those of some members that follow in the list. */
    private static Set<Integer> popped(Allocation allocation, List<Integer> all, int members, int self, int shared) {
        Set<Integer> queues = new LinkedHashSet<>();
        if (shared <= 0 || shared >= members - 1) {
            queues.add(ALL_QUEUES);
        } else if (members > all.size()) {
            if (self >= 0) {
                queues.add(all.get(self % all.size()));
            }
        } else if (self >= 0) {
            for (int i = 0; i <= shared; i++) {
                queues.addAll(allocation.of(all, members, (self + i) % members));
            }
        }
        return queues;
    }

    CompletableFuture<Answer> setMode(Connection connection, Command request) {
        RequestModeBody wanted = RequestModeBody.from(request.body());
        String attempt = "Cannot set how group " + wanted.group() + " gets the messages of topic " + wanted.topic();
        if (GroupTopics.isRetry(wanted.topic())) {
            return CompletableFuture.completedFuture(
                    Answer.refused(ResponseCode.NO_PERMISSION, attempt + ": retry topics are always pulled"));
        }
        if (store.topic(wanted.topic()) == null) {
            return CompletableFuture.completedFuture(
                    Answer.refused(ResponseCode.TOPIC_NOT_EXIST, attempt + ": it does not exist"));
        }
        return store.saveRequestMode(
                        new RequestMode(wanted.group(), wanted.topic(), wanted.pop(), wanted.sharedQueues()))
                .thenApply(saved -> Answer.ok());
    }

    /** The two ways of the protocol to give the queues of a topic to the members of a group. */
    private enum Allocation {
        AVG {
            @Override
            List<Integer> of(List<Integer> queues, int members, int self) {
                if (self < 0) {
                    return List.of();
                }
                int more = queues.size() % members;
                int share = queues.size() / members;
                int from = self * share + Math.min(self, more);
                return queues.subList(from, from + share + (self < more ? 1 : 0));
            }
        },
        AVG_BY_CIRCLE {
            @Override
            List<Integer> of(List<Integer> queues, int members, int self) {
                List<Integer> own = new ArrayList<>();
                for (int i = self; self >= 0 && i < queues.size(); i += members) {
                    own.add(queues.get(i));
                }
                return own;
            }
        };

        abstract List<Integer> of(List<Integer> queues, int members, int self);

        static @Nullable Allocation named(String name) {
            for (Allocation allocation : values()) {
                if (allocation.name().equals(name)) {
                    return allocation;
                }
            }
            return null;
        }
    }
}
