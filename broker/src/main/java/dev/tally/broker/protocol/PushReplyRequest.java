package dev.tally.broker.protocol;

import java.net.InetSocketAddress;

/**
 * What the broker gives a client that waits for the reply to a request; its body is the reply's.
 *
 * @param reply as the replying client sent it
 * @param bornHost the replying client
 * @param storeHost the broker
 * @param nowMillis when it is passed on
 * @since 0.1
 */
public record PushReplyRequest(
        SendRequest reply, InetSocketAddress bornHost, InetSocketAddress storeHost, long nowMillis) {

    /** The fields on the wire. */
    public Fields toFields() {
        return Fields.of(
                "producerGroup",
                reply.producerGroup(),
                "topic",
                reply.topic(),
                "defaultTopic",
                SystemTopics.TEMPLATE,
                "defaultTopicQueueNums",
                reply.defaultTopicQueues(),
                "queueId",
                reply.queueId(),
                "sysFlag",
                reply.sysFlag(),
                "bornTimestamp",
                reply.bornAtMillis(),
                "flag",
                reply.flag(),
                "properties",
                reply.properties()
                        .with(PropertyNames.PUSH_REPLY_TIME, Long.toString(nowMillis))
                        .text(),
                "reconsumeTimes",
                reply.reconsumeTimes(),
                "unitMode",
                false,
                "bornHost",
                text(bornHost),
                "storeHost",
                text(storeHost),
                "storeTimestamp",
                nowMillis);
    }

    private static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }
}
