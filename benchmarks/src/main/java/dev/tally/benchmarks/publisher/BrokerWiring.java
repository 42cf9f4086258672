package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.application.Topics;
import dev.tally.benchmarks.client.Clients;
import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.time.Timing;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Our outbox, as the starter sets it up, with a broker; what it delivers is consumed by this process. */
@Configuration(proxyBeanMethods = false)
class BrokerWiring {

    static final String NAME_SERVER = "rocketmq.name-server";

    @Bean
    Clients clients(Environment environment, Timing timing) {
        return new Clients(environment.getRequiredProperty(NAME_SERVER), timing);
    }

    @Bean
    Relay relay(ConfigurableApplicationContext context, Clients clients, Deliveries deliveries) {
        return () -> {
            try {
                DefaultMQPushConsumer consumer = clients.consumer("bench-publisher", Topics.ORDERS);
                consumer.registerMessageListener((MessageListenerConcurrently) (messages, unused) -> {
                    messages.forEach(message -> deliveries.delivered(message.getBody()));
                    return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
                });
                consumer.start();
            } catch (MQClientException e) {
                throw new BenchmarkException("The consumer of topic " + Topics.ORDERS + " did not start", e);
            }
            context.start();
        };
    }
}
