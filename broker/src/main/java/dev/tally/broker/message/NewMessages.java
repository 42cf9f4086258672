package dev.tally.broker.message;

import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.MessageProperties;
import dev.tally.broker.protocol.PropertyNames;
import dev.tally.broker.protocol.SysFlag;
import dev.tally.broker.protocol.TagFilter;
import dev.tally.broker.protocol.WireMessage;
import dev.tally.broker.store.NewMessage;
import java.time.Duration;

/** Builds what is appended to the store. */
public final class NewMessages {

    /** What RocketMQ's brokers call theirs; a consumer's trace hook drops the traces of messages that name none. */
    private static final String REGION = "DefaultRegion";

    private NewMessages() {}

    /**
     * Encodes a message for the store. The delay level is taken off: a message that is delivered has no delay any more,
     * and one that a consumer sends on must not be delayed again.
     */
    public static NewMessage of(WireMessage message, Duration delay) {
        MessageProperties properties = message.properties()
                .without(PropertyNames.DELAY_LEVEL)
                .withAbsent(PropertyNames.REGION, REGION)
                .withAbsent(PropertyNames.TRACE, "true");
        WireMessage stored = new WireMessage(
                message.topic(),
                message.queueId(),
                message.flag(),
                SysFlag.withTransaction(message.sysFlag(), 0),
                message.bornAtMillis(),
                message.bornHost(),
                message.storedAtMillis(),
                message.storeHost(),
                message.reconsumeTimes(),
                message.body(),
                properties);
        return new NewMessage(
                message.topic(),
                message.queueId(),
                TagFilter.hashOf(properties.get(PropertyNames.TAGS)),
                MessageEncoding.encode(stored),
                delay);
    }
}
