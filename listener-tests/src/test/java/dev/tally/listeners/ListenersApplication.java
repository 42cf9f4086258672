package dev.tally.listeners;

import dev.tally.consume.ConsumeListener;
import dev.tally.consume.IdempotentConsumer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.spring.annotation.RocketMQMessageListener;
import org.apache.rocketmq.spring.core.RocketMQListener;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.annotation.EnableRabbit;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.rabbit.config.SimpleRabbitListenerContainerFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Role;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jms.annotation.EnableJms;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.config.DefaultJmsListenerContainerFactory;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.kafka.annotation.EnableKafka;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.messaging.Message;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.PlatformTransactionManager;

/** A service with listeners of every library. */
@SpringBootConfiguration
@EnableAutoConfiguration
@EnableKafka
@EnableRabbit
@EnableJms
@EnableScheduling
@Import({
    ListenersApplication.Records.class,
    ListenersApplication.Messages.class,
    ListenersApplication.Amqp.class,
    ListenersApplication.AmqpInItsTransaction.class,
    ListenersApplication.Jms.class,
    ListenersApplication.RocketMq.class,
    ListenersApplication.Reports.class
})
class ListenersApplication {

    static final class Recorded implements ConsumeListener {

        final List<String> duplicates = new CopyOnWriteArrayList<>();

        @Override
        public void duplicate(String topic, String group) {
            duplicates.add(group + " of " + topic);
        }
    }

    abstract static class Effects implements AnswersLost.Unlucky {

        private final JdbcTemplate jdbc;

        Effects(JdbcTemplate jdbc) {
            this.jdbc = jdbc;
        }

        void effect(String what) {
            jdbc.update(
                    "INSERT INTO effect (listener, what) VALUES (?, ?)",
                    getClass().getSimpleName(),
                    what);
        }
    }

    static class Records extends Effects {

        Records(JdbcTemplate jdbc) {
            super(jdbc);
        }

        @KafkaListener(topics = "records", groupId = "records")
        @IdempotentConsumer(group = "records")
        public void on(ConsumerRecord<String, String> record) {
            effect(record.value());
        }
    }

    static class Messages extends Effects {

        Messages(JdbcTemplate jdbc) {
            super(jdbc);
        }

        @KafkaListener(topics = "messages", groupId = "messages")
        @IdempotentConsumer(group = "messages")
        public void on(Message<String> message) {
            effect(message.getPayload());
        }
    }

    static class Amqp extends Effects {

        Amqp(JdbcTemplate jdbc) {
            super(jdbc);
        }

        @RabbitListener(queues = "amqp")
        @IdempotentConsumer(group = "amqp")
        public void on(String text, org.springframework.amqp.core.Message message) {
            effect(text);
        }
    }

    static class AmqpInItsTransaction extends Effects {

        AmqpInItsTransaction(JdbcTemplate jdbc) {
            super(jdbc);
        }

        @RabbitListener(queues = "amqp-tx", containerFactory = "transactional")
        @IdempotentConsumer(group = "amqp-tx")
        public void on(org.springframework.amqp.core.Message message) {
            effect(new String(message.getBody(), java.nio.charset.StandardCharsets.UTF_8));
        }
    }

    static class Jms extends Effects {

        Jms(JdbcTemplate jdbc) {
            super(jdbc);
        }

        @JmsListener(destination = "jms")
        @IdempotentConsumer(group = "jms")
        public void on(jakarta.jms.TextMessage message) throws jakarta.jms.JMSException {
            effect(message.getText());
        }
    }

    @RocketMQMessageListener(topic = "rocketmq", consumerGroup = "rocketmq", delayLevelWhenNextConsume = 1)
    static class RocketMq extends Effects implements RocketMQListener<MessageExt> {

        RocketMq(JdbcTemplate jdbc) {
            super(jdbc);
        }

        @Override
        @IdempotentConsumer(group = "rocketmq")
        public void onMessage(MessageExt message) {
            effect(new String(message.getBody(), java.nio.charset.StandardCharsets.UTF_8));
        }
    }

    static class Reports extends Effects {

        final AtomicInteger runs = new AtomicInteger();

        Reports(JdbcTemplate jdbc) {
            super(jdbc);
        }

        public String day() {
            runs.incrementAndGet();
            return "2026-01-01";
        }

        @Scheduled(fixedDelay = 20)
        @IdempotentConsumer(group = "reports", id = "'report of ' + #root.target.day()")
        public void report() {
            effect("report");
        }
    }

    @Bean
    Recorded recorded() {
        return new Recorded();
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static AnswersLost answersLost() {
        return new AnswersLost();
    }

    @Bean
    DefaultKafkaConsumerFactory<String, String> kafkaConsumers(@Value("${test.kafka}") String servers) {
        return new DefaultKafkaConsumerFactory<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        servers,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
    }

    @Bean
    ConcurrentKafkaListenerContainerFactory<String, String> kafkaListenerContainerFactory(
            DefaultKafkaConsumerFactory<String, String> consumers) {
        ConcurrentKafkaListenerContainerFactory<String, String> factory =
                new ConcurrentKafkaListenerContainerFactory<>();
        factory.setConsumerFactory(consumers);
        return factory;
    }

    @Bean
    KafkaTemplate<String, String> kafkaTemplate(@Value("${test.kafka}") String servers) {
        return new KafkaTemplate<>(new DefaultKafkaProducerFactory<>(
                Map.of("bootstrap.servers", servers), new StringSerializer(), new StringSerializer()));
    }

    @Bean
    CachingConnectionFactory amqpConnections(@Value("${test.amqp}") int port) {
        CachingConnectionFactory factory = new CachingConnectionFactory("127.0.0.1", port);
        factory.setVirtualHost("default");
        return factory;
    }

    @Bean
    RabbitAdmin amqpAdmin(CachingConnectionFactory connections) {
        return new RabbitAdmin(connections);
    }

    @Bean
    Queue amqpQueue() {
        return new Queue("amqp");
    }

    @Bean
    Queue amqpTxQueue() {
        return new Queue("amqp-tx");
    }

    @Bean
    SimpleRabbitListenerContainerFactory rabbitListenerContainerFactory(CachingConnectionFactory connections) {
        SimpleRabbitListenerContainerFactory factory = new SimpleRabbitListenerContainerFactory();
        factory.setConnectionFactory(connections);
        return factory;
    }

    /** A container that begins the transaction itself, and calls the listener in it. */
    @Bean
    SimpleRabbitListenerContainerFactory transactional(
            CachingConnectionFactory connections, PlatformTransactionManager transactions) {
        SimpleRabbitListenerContainerFactory factory = new SimpleRabbitListenerContainerFactory();
        factory.setConnectionFactory(connections);
        factory.setTransactionManager(transactions);
        factory.setChannelTransacted(true);
        return factory;
    }

    @Bean
    RabbitTemplate amqpTemplate(CachingConnectionFactory connections) {
        return new RabbitTemplate(connections);
    }

    @Bean
    ActiveMQConnectionFactory jmsConnections() {
        return new ActiveMQConnectionFactory("vm://0");
    }

    @Bean
    DefaultJmsListenerContainerFactory jmsListenerContainerFactory(ActiveMQConnectionFactory connections) {
        DefaultJmsListenerContainerFactory factory = new DefaultJmsListenerContainerFactory();
        factory.setConnectionFactory(connections);
        factory.setSessionTransacted(true);
        return factory;
    }

    @Bean
    JmsTemplate jmsTemplate(ActiveMQConnectionFactory connections) {
        return new JmsTemplate(connections);
    }
}
