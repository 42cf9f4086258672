package dev.tally.broker.request;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * What the handlers need to know.
 *
 * @param brokerName the broker's name in routes
 * @param cluster the cluster's name in routes
 * @param advertised where clients reach the broker, as text in routes
 * @param storeHost the same as a resolved address, goes into message ids
 * @param autoCreateTopics whether a send to an unknown topic creates it
 * @param defaultQueues queues of a topic that is created by a send, at most
 * @param maxMessageBytes the longest body
 * @param delayLevels what the delay levels 1, 2, ... mean
 * @param repeats how repeated sends are recognised
 * @since 0.1
 */
public record ServerSettings(
        String brokerName,
        String cluster,
        String advertised,
        InetSocketAddress storeHost,
        boolean autoCreateTopics,
        int defaultQueues,
        int maxMessageBytes,
        List<Duration> delayLevels,
        RepeatPolicy repeats) {

    /** The same with the default {@link RepeatPolicy}. */
    public ServerSettings(
            String brokerName,
            String cluster,
            String advertised,
            InetSocketAddress storeHost,
            boolean autoCreateTopics,
            int defaultQueues,
            int maxMessageBytes,
            List<Duration> delayLevels) {
        this(
                brokerName,
                cluster,
                advertised,
                storeHost,
                autoCreateTopics,
                defaultQueues,
                maxMessageBytes,
                delayLevels,
                RepeatPolicy.DEFAULT);
    }
}
