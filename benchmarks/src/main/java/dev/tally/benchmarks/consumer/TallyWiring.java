package dev.tally.benchmarks.consumer;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.time.Timing;
import dev.tally.consume.IdempotentConsumer;
import dev.tally.consume.InboxStore;
import dev.tally.message.MessageId;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Annotated handlers, as the starter sets them up. */
final class TallyWiring {

    private TallyWiring() {}

    /** The starter's consumers are part of the application's life. */
    @Configuration(proxyBeanMethods = false)
    static class Life {

        @Bean
        Consumption consumption(ConfigurableApplicationContext context) {
            return context::start;
        }
    }

    /** Each order updates an account. */
    @Configuration(proxyBeanMethods = false)
    static class Updating {

        @Bean
        UpdatingHandler updatingHandler(Accounts accounts) {
            return new UpdatingHandler(accounts);
        }
    }

    /** Each order takes its time. */
    @Configuration(proxyBeanMethods = false)
    static class Sleeping {

        @Bean
        SleepingHandler sleepingHandler(
                Timing timing, Handling handling, @Value("${" + ConsumerApplication.SLEEP + "}") Duration sleep) {
            return new SleepingHandler(timing, handling, sleep);
        }
    }

    /** What the inbox costs is the difference to this. */
    @Configuration(proxyBeanMethods = false)
    static class Forgetful {

        @Bean
        InboxStore inboxStore() {
            return new ForgetfulInbox();
        }
    }

    static class UpdatingHandler {

        private final Accounts accounts;

        UpdatingHandler(Accounts accounts) {
            this.accounts = accounts;
        }

        @IdempotentConsumer(topic = "${" + ConsumerApplication.TOPIC + "}", group = ConsumerApplication.GROUP)
        void on(Order order) {
            accounts.book(order);
        }
    }

    static class SleepingHandler {

        private final Timing timing;
        private final Handling handling;
        private final Duration sleep;

        SleepingHandler(Timing timing, Handling handling, Duration sleep) {
            this.timing = timing;
            this.handling = handling;
            this.sleep = sleep;
        }

        @IdempotentConsumer(
                topic = "${" + ConsumerApplication.TOPIC + "}",
                group = ConsumerApplication.GROUP,
                concurrency = 64)
        void on(Order order) throws InterruptedException {
            handling.handles();
            timing.pause(sleep);
        }
    }

    private static final class ForgetfulInbox implements InboxStore {

        @Override
        public Set<MessageId> insertNew(String group, List<MessageId> ids) {
            return new LinkedHashSet<>(ids);
        }

        @Override
        public int purge(Duration age, int limit) {
            return 0;
        }
    }
}
