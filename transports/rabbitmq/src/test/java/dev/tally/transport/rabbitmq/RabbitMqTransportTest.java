package dev.tally.transport.rabbitmq;

import dev.tally.message.Message;
import dev.tally.testkit.TransportContract;
import dev.tally.transport.Transport;

/** The contract at a real server. */
class RabbitMqTransportTest extends TransportContract {

    private final ContractBroker broker = ContractBroker.forTest();

    @Override
    protected String broker() {
        return broker.version();
    }

    @Override
    protected Transport openTransport(String service) {
        return broker.transport();
    }

    @Override
    protected void createTopic(String topic, int queues) {
        broker.createTopic(topic);
    }

    @Override
    protected void createGroup(String topic, String group, boolean ordered) {
        broker.createGroup(topic, group, ordered);
    }

    @Override
    protected boolean keepsHistory() {
        return false;
    }

    @Override
    protected String deadLetterTopic(String topic, String group) {
        return topic + '.' + group + ".dlq";
    }

    @Override
    protected Message neverTaken(String topic) {
        return ContractBroker.neverTaken(topic);
    }
}
