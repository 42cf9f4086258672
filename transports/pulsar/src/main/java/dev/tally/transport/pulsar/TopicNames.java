package dev.tally.transport.pulsar;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Topics as Pulsar names them. A name without a slash is one of the tenant and namespace of the settings; {@code
 * tenant/namespace/topic}, also with {@code persistent://} before it, is taken as it is. Immutable.
 */
final class TopicNames {

    static final String PERSISTENT = "persistent://";

    private static final String ANY_DOMAIN = "://";
    private static final Pattern ENTITY = Pattern.compile("[-=:.\\w]+");

    private final String prefix;

    /**
     * @throws IllegalArgumentException if there cannot be such a tenant or namespace
     */
    TopicNames(String tenant, String namespace) {
        requireEntity("tenant", tenant);
        requireEntity("namespace", namespace);
        this.prefix = PERSISTENT + tenant + '/' + namespace + '/';
    }

    /** The full name; of a topic of which {@link #flaw} says nothing. */
    String full(String topic) {
        if (topic.startsWith(PERSISTENT)) {
            return topic;
        }
        return topic.indexOf('/') < 0 ? prefix + topic : PERSISTENT + topic;
    }

    /** Where a group's dead letters of a topic are: Pulsar's own name for them. */
    String deadLetters(String topic, String group) {
        return full(topic) + '-' + group + "-DLQ";
    }

    /** Why there can be no such topic; empty where there can. */
    Optional<String> flaw(String topic) {
        String name = topic.startsWith(PERSISTENT) ? topic.substring(PERSISTENT.length()) : topic;
        if (name.contains(ANY_DOMAIN)) {
            return Optional.of("its topic is of another domain than " + PERSISTENT
                    + ", and Pulsar keeps messages in none but that");
        }
        String local = name;
        if (name.indexOf('/') >= 0 || name.length() < topic.length()) {
            String[] parts = name.split("/", -1);
            if (parts.length != 3
                    || !ENTITY.matcher(parts[0]).matches()
                    || !ENTITY.matcher(parts[1]).matches()) {
                return Optional.of("its topic is neither a name without slashes nor tenant/namespace/topic");
            }
            local = parts[2];
        }
        if (local.isBlank() || local.chars().anyMatch(Character::isISOControl)) {
            return Optional.of("its topic's name is blank or has control characters");
        }
        return Optional.empty();
    }

    private static void requireEntity(String what, String name) {
        if (!ENTITY.matcher(name).matches()) {
            throw new IllegalArgumentException("Cannot use " + what + "='" + name
                    + "' of Pulsar: letters, digits and -=:._ are possible, and at least one of them");
        }
    }
}
