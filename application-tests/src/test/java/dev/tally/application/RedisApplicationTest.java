package dev.tally.application;

import dev.tally.transport.redis.server.RedisServer;
import java.nio.file.Path;

class RedisApplicationTest extends AnyBrokerContract {

    RedisApplicationTest() {
        super("redis", "dev.tally.transport.redis.");
    }

    @Override
    RunningBroker startBroker(Path folder) {
        RedisServer server = RedisServer.start(folder);
        return RunningBroker.of(
                server::kill,
                server::start,
                server::close,
                "--spring.data.redis.host=127.0.0.1",
                "--spring.data.redis.port=" + server.port());
    }
}
