package dev.tally.boot.transport;

import dev.tally.consume.TopicForward;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is sent on from one transport to another.
 *
 * @param forward by a name of its own each
 */
@ConfigurationProperties("tally")
record TallyForwardProperties(@DefaultValue Map<String, Forward> forward) {

    /**
     * Messages of a topic that go on to another transport.
     *
     * @param from the transport that has them
     * @param topic their topic there
     * @param to the transport that gets them
     * @param toTopic their topic there; by default the same
     * @param group the consumer group that forwards them; by default tally-forward- with the forward's name
     * @param tags which of them, * for all
     * @param ordered whether messages of one key keep their order
     * @param concurrency batches that are forwarded at once at most
     * @param maxAttempts failed sends of one message before the forwarding stops until a person resumes it
     */
    record Forward(
            String from,
            String topic,
            String to,
            @Nullable String toTopic,
            @Nullable String group,
            @DefaultValue("*") String tags,
            @DefaultValue("true") boolean ordered,
            @DefaultValue("4") int concurrency,
            @DefaultValue("100") int maxAttempts) {

        TopicForward named(String name) {
            return new TopicForward(
                    name,
                    text(from),
                    text(topic),
                    text(to),
                    toTopic == null ? text(topic) : toTopic,
                    group == null ? "tally-forward-" + name : group,
                    tags,
                    ordered,
                    concurrency,
                    maxAttempts);
        }

        /** What is not set at all is blank, and the check says so. */
        private static String text(@Nullable String value) {
            return value == null ? "" : value;
        }
    }
}
