package dev.tally.transport.redis;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.TransportContract;
import dev.tally.transport.Transport;
import dev.tally.transport.redis.server.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract at a real Redis. */
class RedisTransportTest extends TransportContract {

    private static TestRedis redis;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = TestRedis.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @Override
    protected String broker() {
        return "Redis " + RedisServer.VERSION;
    }

    @Override
    protected Transport openTransport(String service) {
        return redis.transport(TestRedis.settings(service + unique()).build());
    }

    @Override
    protected void createTopic(String topic, int queues) {
        redis.createTopic(topic, queues);
    }

    @Override
    protected String deadLetterTopic(String topic, String group) {
        return topic + ":" + group + ":dead";
    }

    @Override
    protected Message neverTaken(String topic) {
        return tooLarge(topic);
    }

    static Message tooLarge(String topic) {
        return new Message(
                new MessageId("large-" + unique()),
                Destination.topic(topic),
                null,
                "t",
                Headers.empty(),
                new byte[2 * 1024 * 1024]);
    }
}
