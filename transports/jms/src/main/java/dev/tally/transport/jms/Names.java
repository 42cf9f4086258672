package dev.tally.transport.jms;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A topic, a queue or a group by its name.
 *
 * @param value without the prefix of queues
 * @param isQueue whether it names a JMS queue
 * @param fault what makes it impossible, or empty
 */
record Names(String value, boolean isQueue, Optional<String> fault) {

    /** In front of a topic's name, where a JMS queue is meant. */
    static final String QUEUE = "queue://";

    /** Wildcards, options, lists of destinations and qualified names of the brokers. */
    private static final Pattern IMPOSSIBLE = Pattern.compile("[\\s\\p{Cntrl}?*#>,:%$&/\\\\]");

    private static final int MAX_LENGTH = 200;

    static Names ofDestination(String name) {
        boolean isQueue = name.startsWith(QUEUE);
        String value = isQueue ? name.substring(QUEUE.length()) : name;
        // Queues may be anybody's, with any name; what would be read as something else is impossible there, too.
        return new Names(value, isQueue, fault(isQueue ? "queue" : "topic", value));
    }

    static Names ofGroup(String name) {
        return new Names(name, false, fault("group", name));
    }

    private static Optional<String> fault(String kind, String value) {
        if (value.isBlank()
                || value.length() > MAX_LENGTH
                || IMPOSSIBLE.matcher(value).find()) {
            return Optional.of("the " + kind + " '" + value + "' is blank, has more than " + MAX_LENGTH
                    + " characters, or one of blanks and ? * # > , : % $ & / \\");
        }
        return value.startsWith(".") || value.endsWith(".") || value.contains("..")
                ? Optional.of("the " + kind + " '" + value + "' has an empty part between its dots")
                : Optional.empty();
    }
}
