package dev.tally.broker.server;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.SystemTopics;
import dev.tally.broker.protocol.TopicRoute;
import dev.tally.broker.request.RequestHandler;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.topic.GroupTopics;
import dev.tally.broker.topic.Topics;
import java.util.concurrent.CompletableFuture;

/**
 * Where is this topic?
 *
 * <p>Where sending may create topics, asking does as well: a consumer asks once at its start and then every 30 seconds, so
 * one that starts before the first message would miss the first half minute. A retry topic is created in any case: the
 * answer tells a consumer where the broker is, so that it registers and can be told when its topic comes.
 */
final class RouteHandler implements RequestHandler {

    private static final int INHERIT = 1;

    private final ServerSettings settings;
    private final Topics topics;

    RouteHandler(ServerSettings settings, Topics topics) {
        this.settings = settings;
        this.topics = topics;
    }

    @Override
    public CompletableFuture<Answer> handle(Connection connection, Command request) {
        String name = request.fields().requiredText("topic");
        if (name.equals(SystemTopics.TEMPLATE) && topics.autoCreate()) {
            int queues = topics.defaultQueues();
            return CompletableFuture.completedFuture(
                    route(new TopicConfig(name, queues, queues, GroupTopics.READ_WRITE | INHERIT, 0)));
        }
        TopicConfig known = topics.find(name);
        if (known != null) {
            return CompletableFuture.completedFuture(route(known));
        }
        Topics.Creation created = topics.forAsking(name);
        if (created != null) {
            return created.durable().thenApply(this::route);
        }
        return CompletableFuture.completedFuture(
                Answer.refused(ResponseCode.TOPIC_NOT_EXIST, "No route to topic " + name + ": it does not exist"));
    }

    private Answer route(TopicConfig topic) {
        return Answer.ok(new TopicRoute(
                        settings.brokerName(),
                        settings.cluster(),
                        settings.advertised(),
                        topic.readQueues(),
                        topic.writeQueues(),
                        topics.permInRoutes(topic),
                        topic.sysFlag())
                .toBody());
    }
}
