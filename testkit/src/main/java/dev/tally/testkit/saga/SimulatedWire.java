package dev.tally.testkit.saga;

import dev.tally.message.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A broker that loses nothing by itself, and keeps neither order nor time, nor counts. For one thread. */
final class SimulatedWire {

    private static final long LONGEST_DELAY_MILLIS = 25_000;

    /** A message on its way. */
    static final class Envelope {
        private final Message message;
        private Instant notBefore;

        private Envelope(Message message, Instant notBefore) {
            this.message = message;
            this.notBefore = notBefore;
        }

        Message message() {
            return message;
        }
    }

    private final Chance chance;
    private final VirtualClock clock;
    private final SimulatedFaults faults;
    private final List<Envelope> underWay = new ArrayList<>();

    SimulatedWire(Chance chance, VirtualClock clock, SimulatedFaults faults) {
        this.chance = chance;
        this.clock = clock;
        this.faults = faults;
    }

    void send(Message message) {
        underWay.add(new Envelope(message, clock.instant().plus(delay())));
        if (faults.strike(8)) {
            underWay.add(new Envelope(message, clock.instant().plus(delay())));
        }
    }

    private Duration delay() {
        return faults.strike(4) ? chance.millisUpTo(LONGEST_DELAY_MILLIS) : Duration.ZERO;
    }

    boolean isEmpty() {
        return underWay.isEmpty();
    }

    int size() {
        return underWay.size();
    }

    /** Some messages that can be delivered now, in any order; to a topic, or to any other one. */
    List<Envelope> pick(String topic, boolean to, int limit) {
        List<Envelope> ready = new ArrayList<>();
        for (Envelope each : underWay) {
            if (each.message.destination().topic().equals(topic) == to && !each.notBefore.isAfter(clock.instant())) {
                ready.add(each);
            }
        }
        List<Envelope> picked = new ArrayList<>();
        while (picked.size() < limit && !ready.isEmpty()) {
            picked.add(ready.remove(chance.random().nextInt(ready.size())));
        }
        return picked;
    }

    /** It was taken; now and then the broker does not hear of that. */
    void taken(Envelope envelope) {
        if (!faults.strike(20)) {
            underWay.remove(envelope);
        }
    }

    /** It comes again later. */
    void again(Envelope envelope) {
        envelope.notBefore = clock.instant().plus(Duration.ofSeconds(1));
    }

    Optional<Instant> next() {
        return underWay.stream().map(each -> each.notBefore).min(Comparator.naturalOrder());
    }
}
