package dev.tally.benchmarks.consumer;

import dev.tally.benchmarks.client.Clients;
import dev.tally.benchmarks.time.Timing;
import java.time.Duration;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.exception.MQClientException;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** The official client, without Tally. */
final class ByHandWiring {

    static final String NAME_SERVER = "rocketmq.name-server";

    /** Messages that one call of the listener is given at most. */
    static final String BATCH = "bench.batch";

    private ByHandWiring() {}

    private static DefaultMQPushConsumer consumer(Clients clients, Environment environment) throws MQClientException {
        int threads = environment.getRequiredProperty(ConsumerApplication.THREADS, Integer.class);
        DefaultMQPushConsumer consumer =
                clients.consumer(ConsumerApplication.GROUP, environment.getRequiredProperty(ConsumerApplication.TOPIC));
        consumer.setConsumeThreadMin(threads);
        consumer.setConsumeThreadMax(threads);
        return consumer;
    }

    /** What all need. */
    @Configuration(proxyBeanMethods = false)
    static class Client {

        @Bean
        Clients clients(Environment environment, Timing timing) {
            return new Clients(environment.getRequiredProperty(NAME_SERVER), timing);
        }
    }

    /** An inbox and an update. */
    @Configuration(proxyBeanMethods = false)
    static class Updating {

        @Bean(initMethod = "createTable")
        HandInbox handInbox(JdbcTemplate jdbc) {
            return new HandInbox(jdbc);
        }

        @Bean
        ByHand byHand(
                Accounts accounts,
                HandInbox inbox,
                TransactionTemplate transactions,
                JsonMapper json,
                Effects effects) {
            return new ByHand(accounts, inbox, transactions, json, effects);
        }

        @Bean
        Consumption consumption(Clients clients, ByHand listener, Environment environment) {
            return () -> {
                DefaultMQPushConsumer consumer = consumer(clients, environment);
                consumer.setConsumeMessageBatchMaxSize(environment.getRequiredProperty(BATCH, Integer.class));
                consumer.registerMessageListener(listener);
                consumer.start();
            };
        }
    }

    /** The ordered listener: one thread for each queue. */
    @Configuration(proxyBeanMethods = false)
    static class Sleeping {

        @Bean
        Consumption consumption(
                Clients clients,
                Effects effects,
                Timing timing,
                Environment environment,
                @Value("${" + ConsumerApplication.SLEEP + "}") Duration sleep) {
            return () -> {
                DefaultMQPushConsumer consumer = consumer(clients, environment);
                consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
                    try {
                        timing.pause(sleep.multipliedBy(messages.size()));
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
                    }
                    effects.took(messages.size(), 0);
                    return ConsumeOrderlyStatus.SUCCESS;
                });
                consumer.start();
            };
        }
    }
}
