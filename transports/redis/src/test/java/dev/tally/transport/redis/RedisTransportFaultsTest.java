package dev.tally.transport.redis;

import dev.tally.message.Message;
import dev.tally.testkit.TransportFaultsContract;
import dev.tally.transport.Transport;
import dev.tally.transport.redis.server.RedisServer;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract about faults at a real Redis, which is killed and started again on its append-only file. */
class RedisTransportFaultsTest extends TransportFaultsContract {

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
        return RedisTransportTest.tooLarge(topic);
    }

    @Override
    protected void sendForeign(String topic, String key, Map<String, String> headers, byte[] payload) {
        Map<String, byte[]> fields = new LinkedHashMap<>();
        headers.forEach((name, value) -> fields.put(name, TestRedis.bytes(value)));
        if (key != null) {
            fields.put("key", TestRedis.bytes(key));
        }
        fields.put("payload", payload);
        redis.add(TestRedis.KEYS.stream(topic, 0), fields);
    }

    @Override
    protected InstantSource clock() {
        return InstantSource.system();
    }

    @Override
    protected Optional<BrokerProcess> process() {
        return Optional.of(new BrokerProcess() {
            @Override
            public void kill() {
                redis.server.kill();
            }

            @Override
            public void start() {
                redis.server.start();
            }
        });
    }
}
