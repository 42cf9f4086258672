package dev.tally.boot.transport.choice;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;

/**
 * Which of Tally's transports an application uses.
 *
 * <ul>
 *   <li>{@code tally.transport.default} names the one that carries all topics that are not said otherwise.
 *   <li>{@code tally.transport.topics.<name>} lists the topics that another one carries, {@code orders.*} for all that
 *       begin so.
 *   <li>Where no default is named, it is the transport that was added to the class path. RocketMQ's, which is always
 *       there, counts as added where {@code rocketmq.name-server} is set or a broker is inside the application, and where
 *       there is no other.
 * </ul>
 *
 * @param defaultName the transport of all topics that are not in {@code topics}
 * @param topics patterns of topics by the name of the transport that carries them
 * @since 0.1
 */
public record TransportChoice(String defaultName, Map<String, List<String>> topics) {

    private static final String ROCKET_MQ = "rocketmq";

    private static final Bindable<Map<String, List<String>>> TOPICS = Bindable.of(ResolvableType.forClassWithGenerics(
            Map.class,
            ResolvableType.forClass(String.class),
            ResolvableType.forClassWithGenerics(List.class, String.class)));

    /** Name to the classes that have to be there. */
    private static final Map<String, List<String>> KNOWN = known();

    private static Map<String, List<String>> known() {
        Map<String, List<String>> known = new LinkedHashMap<>();
        known.put(ROCKET_MQ, List.of("dev.tally.transport.rocketmq.RocketMqTransport"));
        known.put("kafka", List.of("dev.tally.transport.kafka.KafkaTransport"));
        known.put("rabbitmq", List.of("dev.tally.transport.rabbitmq.RabbitMqTransport"));
        known.put(
                "artemis",
                List.of(
                        "dev.tally.transport.jms.JmsTransport",
                        "org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory"));
        known.put(
                "activemq",
                List.of("dev.tally.transport.jms.JmsTransport", "org.apache.activemq.ActiveMQConnectionFactory"));
        known.put("redis", List.of("dev.tally.transport.redis.RedisTransport"));
        known.put("pulsar", List.of("dev.tally.transport.pulsar.PulsarTransport"));
        return known;
    }

    /**
     * Reads it.
     *
     * @param hasClass whether a class is on the class path
     * @throws TransportChoiceException if it is not said which one is the default, or a name is unknown or not there
     */
    public static TransportChoice of(Environment environment, Predicate<String> hasClass) {
        Set<String> present = new LinkedHashSet<>();
        KNOWN.forEach((name, classes) -> {
            if (classes.stream().allMatch(hasClass)) {
                present.add(name);
            }
        });
        Binder binder = Binder.get(environment);
        Map<String, List<String>> topics =
                binder.bind("tally.transport.topics", TOPICS).orElseGet(Map::of);
        String named = environment.getProperty("tally.transport.default");
        String defaultName = named == null || named.isBlank()
                ? onlyOne(present, topics.keySet(), environment, hasClass)
                : named.strip();
        requirePresent("tally.transport.default", defaultName, present);
        topics.keySet().forEach(name -> requirePresent("tally.transport.topics." + name, name, present));
        return new TransportChoice(defaultName, topics);
    }

    private static String onlyOne(
            Set<String> present, Set<String> ofTopics, Environment environment, Predicate<String> hasClass) {
        List<String> added = new ArrayList<>(present);
        boolean addedRocketMq =
                environment.containsProperty("rocketmq.name-server") || hasClass.test("dev.tally.broker.Broker");
        if (!addedRocketMq) {
            added.remove(ROCKET_MQ);
        }
        if (added.isEmpty()) {
            return ROCKET_MQ;
        }
        List<String> left =
                added.stream().filter(name -> !ofTopics.contains(name)).toList();
        if (left.size() != 1) {
            throw new TransportChoiceException("Cannot choose a transport: there are " + added
                    + ", and tally.transport.default does not say which of them carries the topics");
        }
        return left.get(0);
    }

    private static void requirePresent(String property, String name, Set<String> present) {
        if (!KNOWN.containsKey(name)) {
            throw new TransportChoiceException("Cannot choose a transport: " + property + " names '" + name
                    + "', which is none of " + KNOWN.keySet());
        }
        if (!present.contains(name)) {
            throw new TransportChoiceException("Cannot choose a transport: " + property + " names '" + name
                    + "', which is not on the class path; on it are " + present);
        }
    }

    /** The names of all that are used. */
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        names.add(defaultName);
        names.addAll(topics.keySet());
        return names;
    }
}
