package dev.tally.broker.engine;

import dev.tally.broker.store.TopicConfig;
import java.util.Map;
import java.util.TreeMap;

/** A topic's attributes as text: {@code name=value} lines, sorted by name. */
final class TopicAttributes {

    private TopicAttributes() {}

    static String text(TopicConfig topic) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(topic.attributes())
                .forEach((name, value) ->
                        text.append(name).append('=').append(value).append('\n'));
        return text.toString();
    }

    static TopicConfig read(TopicConfig topic, String text) {
        Map<String, String> attributes = new TreeMap<>();
        text.lines().forEach(line -> {
            int equals = line.indexOf('=');
            attributes.put(line.substring(0, equals), line.substring(equals + 1));
        });
        return topic.withAttributes(attributes);
    }
}
