package dev.tally.broker.access;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.tally.testkit.scenario.Scenario;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RefusalLogTest {

    @Scenario("broker-44")
    @Test
    void aFloodOfRefusalsLeavesAFewLinesAndACountAndForgesNone() {
        AtomicLong now = new AtomicLong(1_000_000);
        RefusalLog refusals = new RefusalLog(() -> Instant.ofEpochMilli(now.get()));
        Logger logger = (Logger) LoggerFactory.getLogger(RefusalLog.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        try {
            InetSocketAddress remote = new InetSocketAddress("127.0.0.1", 1);
            for (int i = 0; i < 10_000; i++) {
                refusals.refused(remote, 10, "key\n2026 ERROR forged", "no");
            }
            assertThat(lines.list).hasSize(RefusalLog.LINES);
            now.addAndGet(RefusalLog.PERIOD.toMillis());
            refusals.refused(remote, 10, "x".repeat(5000), "no");
        } finally {
            logger.detachAppender(lines);
        }

        assertThat(lines.list).hasSize(RefusalLog.LINES + 2);
        assertThat(lines.list.get(RefusalLog.LINES).getFormattedMessage()).contains("count=9990");
        assertThat(lines.list).allSatisfy(line -> assertThat(line.getFormattedMessage())
                .doesNotContain("\n")
                .hasSizeLessThan(400));
        assertThat(refusals.count()).isEqualTo(10_001);
    }
}
