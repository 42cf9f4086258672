package dev.tally.transport.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.tally.transport.redis.server.RedisServer;
import io.lettuce.core.RedisClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What is said of a server that does not keep what it confirms. */
class DurabilityCheckTest {

    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            warnings.add(event.getFormattedMessage());
        }
    };

    @BeforeEach
    void listen() {
        appender.start();
        ((Logger) LoggerFactory.getLogger(DurabilityCheck.class)).addAppender(appender);
    }

    @AfterEach
    void stopListening() {
        ((Logger) LoggerFactory.getLogger(DurabilityCheck.class)).detachAppender(appender);
    }

    private void start(List<String> options, String expected) throws Exception {
        try (RedisServer server = RedisServer.start(TestRedis.folder(), options);
                RedisTransport transport = new RedisTransport(
                        RedisClient.create(server.uri()),
                        TestRedis.settings("checked").build())) {
            assertThat(transport.name()).isEqualTo("redis");
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> warnings.stream().anyMatch(warning -> warning.contains(expected)));
        }
    }

    @Test
    void warnsOfAServerWithoutALog() throws Exception {
        start(List.of("--appendonly", "no"), "appendonly=no");
    }

    @Test
    void warnsOfALogThatIsWrittenLater() throws Exception {
        start(List.of("--appendonly", "yes", "--appendfsync", "everysec"), "appendfsync=everysec");
    }

    @Test
    void warnsOfAServerThatThrowsKeysAway() throws Exception {
        start(List.of("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"), "maxmemory-policy=allkeys-lru");
    }
}
