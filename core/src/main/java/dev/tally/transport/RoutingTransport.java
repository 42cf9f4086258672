package dev.tally.transport;

import dev.tally.message.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Several transports in one application, chosen by topic. A topic that is named beats a pattern, and a longer pattern a
 * shorter one; what none of them covers is the default's. Thread-safe.
 *
 * <p>{@link #capabilities()} are those that all of them have; ask {@link #of} for those of a topic.
 *
 * @since 0.1
 */
public final class RoutingTransport implements Transport {

    private static final String ANY = "*";

    private final Map<String, Transport> byName;
    private final Transport others;
    private final Map<String, Transport> byTopic = new LinkedHashMap<>();
    private final Map<String, Transport> byPrefix = new LinkedHashMap<>();

    /**
     * Creates it. The transports are closed with it.
     *
     * @param transports all of them
     * @param defaultName the name of the one that carries what no pattern covers
     * @param topics by transport's name the topics that it carries, {@code orders.*} for all that begin with {@code orders.}
     * @throws IllegalArgumentException if a name is not among the transports, or two of them have the same topic
     */
    public RoutingTransport(List<Transport> transports, String defaultName, Map<String, List<String>> topics) {
        this.byName = new LinkedHashMap<>();
        transports.forEach(transport -> byName.put(transport.name(), transport));
        this.others = named(defaultName);
        topics.forEach((name, patterns) -> patterns.forEach(pattern -> add(pattern.strip(), named(name))));
    }

    private Transport named(String name) {
        Transport transport = byName.get(name);
        if (transport == null) {
            throw new IllegalArgumentException(
                    "Cannot route topics to transport '" + name + "': there are " + byName.keySet());
        }
        return transport;
    }

    private void add(String pattern, Transport transport) {
        boolean prefix = pattern.endsWith(ANY);
        String text = prefix ? pattern.substring(0, pattern.length() - 1) : pattern;
        if (text.contains(ANY) || text.isBlank()) {
            throw new IllegalArgumentException("Cannot route topics '" + pattern + "' to transport '" + transport.name()
                    + "': a topic, or the beginning of topics with * behind it, is possible");
        }
        Transport before = (prefix ? byPrefix : byTopic).put(text, transport);
        if (before != null && before != transport) {
            throw new IllegalArgumentException("Cannot route topics '" + pattern + "': both '" + before.name()
                    + "' and '" + transport.name() + "' are to carry them");
        }
    }

    @Override
    public Transport of(String topic) {
        Transport named = byTopic.get(topic);
        if (named != null) {
            return named;
        }
        Transport best = others;
        int length = -1;
        for (Map.Entry<String, Transport> each : byPrefix.entrySet()) {
            if (each.getKey().length() > length && topic.startsWith(each.getKey())) {
                best = each.getValue();
                length = each.getKey().length();
            }
        }
        return best;
    }

    @Override
    public String name() {
        return String.join("+", byName.keySet());
    }

    @Override
    public Set<Capability> capabilities() {
        Set<Capability> common = EnumSet.allOf(Capability.class);
        byName.values().forEach(transport -> common.retainAll(transport.capabilities()));
        return Set.copyOf(common);
    }

    /** {@inheritDoc} The least of theirs: what is delayed for longer is kept back by the outbox, on each of them. */
    @Override
    public Duration maxDelay() {
        return byName.values().stream()
                .map(Transport::maxDelay)
                .min(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    /** {@inheritDoc} The longest of theirs. */
    @Override
    public Duration redeliveryHorizon() {
        return byName.values().stream()
                .map(Transport::redeliveryHorizon)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    @Override
    public Optional<String> refusal(Message message) {
        return of(message.destination().topic()).refusal(message);
    }

    @Override
    public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
        Map<Transport, List<Integer>> places = new LinkedHashMap<>();
        for (int i = 0; i < messages.size(); i++) {
            places.computeIfAbsent(of(messages.get(i).destination().topic()), transport -> new ArrayList<>())
                    .add(i);
        }
        if (places.size() == 1) {
            return places.keySet().iterator().next().send(messages);
        }
        List<CompletableFuture<SendOutcome>> outcomes = new ArrayList<>(messages.size());
        messages.forEach(message -> outcomes.add(new CompletableFuture<>()));
        places.forEach((transport, indexes) -> {
            List<CompletableFuture<SendOutcome>> sent =
                    transport.send(indexes.stream().map(messages::get).toList());
            for (int i = 0; i < indexes.size(); i++) {
                outcomes.set(indexes.get(i), sent.get(i));
            }
        });
        return outcomes;
    }

    @Override
    public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
        return of(subscription.topic()).subscribe(subscription, handler);
    }

    @Override
    public void close() {
        byName.values().forEach(Transport::close);
    }
}
