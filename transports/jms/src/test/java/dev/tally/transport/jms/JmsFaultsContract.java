package dev.tally.transport.jms;

import dev.tally.message.Message;
import dev.tally.testkit.TransportFaultsContract;
import dev.tally.transport.Transport;
import dev.tally.transport.jms.server.JmsServer;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The faults contract of transports, at whichever of the two brokers. */
abstract class JmsFaultsContract extends TransportFaultsContract {

    abstract JmsServer server();

    JmsBroker jms() {
        return new JmsBroker(server());
    }

    @Override
    protected String broker() {
        return server().product();
    }

    @Override
    protected Transport openTransport(String service) {
        return jms().open(service);
    }

    /** Both brokers create what they are asked for. */
    @Override
    protected void createTopic(String topic, int queues) {}

    @Override
    protected void createGroup(String topic, String group, boolean ordered) {
        jms().createGroup(topic, group, ordered);
    }

    @Override
    protected boolean keepsHistory() {
        return false;
    }

    @Override
    protected String deadLetterTopic(String topic, String group) {
        return JmsBroker.deadLetterTopic(topic, group);
    }

    @Override
    protected Message neverTaken(String topic) {
        return JmsBroker.tooLarge(topic);
    }

    @Override
    protected void sendForeign(String topic, @Nullable String key, Map<String, String> headers, byte[] payload) {
        jms().sendForeign(topic, key, headers, payload);
    }

    @Override
    protected InstantSource clock() {
        return InstantSource.system();
    }

    @Override
    protected Optional<BrokerProcess> process() {
        return Optional.of(server());
    }
}
