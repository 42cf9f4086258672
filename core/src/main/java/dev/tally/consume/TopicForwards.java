package dev.tally.consume;

import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.Capability;
import dev.tally.transport.Transport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Sends messages on from one transport to another. Each is acknowledged where it came from when the other broker has
 * confirmed it, with the same id, key, headers and payload: a crash may send one a second time, and inboxes of the groups
 * behind it drop that, so that each has one effect. What cannot be sent at all, or not within its attempts, stops the
 * forwarding until a person resumes it; nothing is dead-lettered or left out. Thread-safe.
 *
 * @since 0.1
 */
public final class TopicForwards implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(TopicForwards.class);
    private static final int PHASE = Integer.MAX_VALUE - 200;

    private record Place(String transport, String topic) {}

    private record Active(TopicForward forward, ActiveSubscription subscription) {}

    private final Map<String, Transport> transports = new LinkedHashMap<>();
    private final List<TopicForward> forwards;
    private final List<Active> active = new ArrayList<>();
    private boolean running;

    /**
     * Creates what begins to forward when it is started.
     *
     * @param transports those of the application
     * @throws InvalidConsumerException if a forward names what is not there, or messages would go round in a circle
     */
    public TopicForwards(List<Transport> transports, List<TopicForward> forwards) {
        transports.forEach(transport -> this.transports.put(transport.name(), transport));
        this.forwards = List.copyOf(forwards);
        List<String> faults = new ArrayList<>();
        forwards.forEach(forward -> check(forward, faults));
        checkGroups(faults);
        checkCircles(faults);
        if (!faults.isEmpty()) {
            throw new InvalidConsumerException("Cannot start: " + faults.size()
                    + " faults in what is to be forwarded:\n - " + String.join("\n - ", faults));
        }
    }

    private void check(TopicForward forward, List<String> faults) {
        for (String name : List.of(forward.from(), forward.to())) {
            Transport transport = transports.get(name);
            if (transport == null) {
                faults.add(forward + ": there is no transport '" + name + "', there are " + transports.keySet());
            } else if (forward.ordered() && !transport.capabilities().contains(Capability.KEY_ORDER)) {
                faults.add(forward + ": it is ordered, and " + Capability.KEY_ORDER.missingFrom(name));
            }
        }
        if (forward.topic().isBlank()
                || forward.toTopic().isBlank()
                || forward.group().isBlank()) {
            faults.add(forward + ": its topics and its group have to be named");
        }
        if (forward.concurrency() < 1 || forward.maxAttempts() < 1) {
            faults.add(forward + ": its concurrency is " + forward.concurrency() + " and its attempts are "
                    + forward.maxAttempts() + ", at least 1 of each is possible");
        }
    }

    private void checkGroups(List<String> faults) {
        Map<String, TopicForward> byGroup = new HashMap<>();
        for (TopicForward forward : forwards) {
            TopicForward other =
                    byGroup.putIfAbsent(forward.from() + '\n' + forward.topic() + '\n' + forward.group(), forward);
            if (other != null) {
                faults.add(forward + ": its group '" + forward.group() + "' is that of " + other
                        + " too, and each would forward a part; give it another");
            }
        }
    }

    private void checkCircles(List<String> faults) {
        for (TopicForward forward : forwards) {
            Set<Place> reached = new HashSet<>();
            List<Place> next = new ArrayList<>(List.of(new Place(forward.to(), forward.toTopic())));
            while (!next.isEmpty()) {
                Place place = next.remove(0);
                if (reached.add(place)) {
                    forwards.stream()
                            .filter(each -> place.equals(new Place(each.from(), each.topic())))
                            .forEach(each -> next.add(new Place(each.to(), each.toTopic())));
                }
            }
            if (reached.contains(new Place(forward.from(), forward.topic()))) {
                faults.add(forward + ": what it sends would come back for ever");
            }
        }
    }

    @Override
    public synchronized void start() {
        if (running) {
            return;
        }
        running = true;
        try {
            forwards.forEach(this::subscribe);
        } catch (RuntimeException e) {
            stop();
            throw e;
        }
    }

    private void subscribe(TopicForward forward) {
        Transport from = transport(forward.from());
        TopicForwarder forwarder =
                new TopicForwarder(forward.subscription(), forward.toTopic(), transport(forward.to()));
        active.add(new Active(forward, from.subscribe(forward.subscription(), forwarder)));
        log.info("forwarding name={} {}", forward.name(), forward);
    }

    private Transport transport(String name) {
        Transport transport = transports.get(name);
        if (transport == null) {
            throw new IllegalStateException("Transport '" + name + "' was there when it was checked");
        }
        return transport;
    }

    /** Those that are subscribed at the moment, as consumers. */
    public synchronized List<RunningConsumer> running() {
        return active.stream()
                .map(each -> new RunningConsumer(
                        each.forward().subscription(),
                        each.forward().toString(),
                        each.subscription().control(),
                        each.subscription().positions()))
                .toList();
    }

    @Override
    public synchronized void stop() {
        for (Active each : active) {
            try {
                each.subscription().close();
            } catch (RuntimeException e) {
                log.warn(
                        "a subscription did not close forward={}",
                        each.forward().name(),
                        e);
            }
        }
        active.clear();
        running = false;
    }

    @Override
    public synchronized boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
