package dev.tally.boot;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * HTTP requests with idempotency keys. Keys and replies are remembered for tally.jdbc.inbox-retention.
 *
 * @param lockWait how long a request waits for one with the same key that another process handles, before it is refused
 *     with 409; a request that this process handles is not waited for. MySQL and MariaDB count whole seconds
 * @param largestBody of such requests and of their replies; both are held in memory
 */
@ConfigurationProperties("tally.requests")
record TallyIdempotentRequestProperties(
        @DefaultValue("500ms") Duration lockWait,
        @DefaultValue("1MB") DataSize largestBody) {}
