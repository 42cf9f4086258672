package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.time.Timing;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** What plain code reaches on the same parts. */
final class LimitWiring {

    static final Duration LOOK_AGAIN = Duration.ofMillis(10);

    private LimitWiring() {}

    /** What both have in common. */
    @Configuration(proxyBeanMethods = false)
    static class Table {

        @Bean
        JdbcOutbox jdbcOutbox(DataSource dataSource, Deliveries deliveries) throws SQLException {
            JdbcOutbox outbox = new JdbcOutbox(dataSource, deliveries);
            outbox.createTable();
            return outbox;
        }
    }

    /** One thread reads the table. */
    @Configuration(proxyBeanMethods = false)
    static class Polled {

        @Bean
        Orders orders(DataSource dataSource, JsonMapper json, Commits commits) {
            return new JdbcOrders(dataSource, json, commits, entries -> {});
        }

        @Bean
        Loop loop(JdbcOutbox outbox, Timing timing) {
            return new Loop("limit-relay", () -> {
                if (outbox.deliverStored() == 0) {
                    timing.pause(LOOK_AGAIN);
                }
            });
        }

        @Bean
        Relay relay(Loop loop) {
            return loop::start;
        }
    }

    /** One thread is handed what was committed; it reads the table only when it starts. */
    @Configuration(proxyBeanMethods = false)
    static class Pushed {

        private final BlockingQueue<JdbcOutbox.Entry> handedOver = new LinkedBlockingQueue<>();

        @Bean
        Orders orders(DataSource dataSource, JsonMapper json, Commits commits, Loop loop) {
            return new JdbcOrders(dataSource, json, commits, entries -> {
                if (loop.isRunning()) {
                    handedOver.addAll(entries);
                }
            });
        }

        @Bean
        Loop loop(JdbcOutbox outbox) {
            return new Loop("limit-relay", new Loop.Round() {
                private boolean readBack;

                @Override
                public void run() throws Exception {
                    if (!readBack) {
                        readBack = outbox.deliverStored() == 0;
                        return;
                    }
                    List<JdbcOutbox.Entry> batch = new ArrayList<>(JdbcOutbox.BATCH);
                    batch.add(handedOver.take());
                    handedOver.drainTo(batch, JdbcOutbox.BATCH - 1);
                    outbox.deliver(batch);
                }
            });
        }

        @Bean
        Relay relay(Loop loop) {
            return loop::start;
        }
    }
}
