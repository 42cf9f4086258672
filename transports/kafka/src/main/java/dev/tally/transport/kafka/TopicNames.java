package dev.tally.transport.kafka;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The rules of Kafka for the names of topics. */
final class TopicNames {

    static final int MAX_LENGTH = 249;

    private static final Pattern ILLEGAL = Pattern.compile("[^a-zA-Z0-9._-]");
    private static final Set<String> OF_BROKERS =
            Set.of("__consumer_offsets", "__transaction_state", "__share_group_state", "__cluster_metadata");

    private TopicNames() {}

    /** What is wrong with a topic that is to be sent to, or subscribed. */
    static Optional<String> fault(String topic) {
        if (topic.equals(".") || topic.equals("..")) {
            return Optional.of("its topic is '" + topic + "', which Kafka does not allow");
        }
        if (topic.isEmpty() || !topic.chars().allMatch(TopicNames::isLegal)) {
            return Optional.of("its topic '" + topic
                    + "' has other characters than the letters a to z, digits, '.', '_' and '-' that Kafka allows");
        }
        if (topic.length() > MAX_LENGTH) {
            return Optional.of(
                    "its topic '" + topic + "' has " + topic.length() + " characters, Kafka's limit is " + MAX_LENGTH);
        }
        if (OF_BROKERS.contains(topic)) {
            return Optional.of("its topic '" + topic + "' is one of the brokers' own");
        }
        return Optional.empty();
    }

    /** Asked for each message, so without a pattern. */
    private static boolean isLegal(int letter) {
        return (letter >= 'a' && letter <= 'z')
                || (letter >= 'A' && letter <= 'Z')
                || (letter >= '0' && letter <= '9')
                || letter == '.'
                || letter == '_'
                || letter == '-';
    }

    /** Where the dead letters of a group are. A group's name may have any character, that of a topic not. */
    static String deadLetters(String topic, String group, String suffix) {
        return topic + "-" + ILLEGAL.matcher(group).replaceAll("_") + suffix;
    }
}
