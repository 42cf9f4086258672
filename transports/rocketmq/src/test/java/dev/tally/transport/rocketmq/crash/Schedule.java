package dev.tally.transport.rocketmq.crash;

import dev.tally.transport.rocketmq.crash.CrashPoint.Place;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Which kill comes when: decided by a seed alone. Points are dealt like cards, so that each comes as often as the others. */
final class Schedule {

    private static final int STOPPING = 4;

    private final Random random;
    private final Deck<Supplier<CrashRun>> kinds;
    private final Map<Victim, Deck<CrashPoint>> stopping = new EnumMap<>(Victim.class);
    private final Map<Victim, Deck<CrashPoint>> inFlight = new EnumMap<>(Victim.class);
    private final Deck<CrashPoint> inBroker;
    private final Deck<Place> consumerOrCheckBackAtBroker;
    private final Deck<Place> consumerOrCheckBackAtDatabase;
    private int number;

    /** Cards that are dealt one after the other, and shuffled when all are. */
    private static final class Deck<T> {

        private final List<T> cards;
        private final Random random;
        private int dealt;

        Deck(List<T> cards, Random random) {
            this.cards = new ArrayList<>(cards);
            this.random = random;
            this.dealt = cards.size();
        }

        T next() {
            if (dealt == cards.size()) {
                Collections.shuffle(cards, random);
                dealt = 0;
            }
            return cards.get(dealt++);
        }
    }

    private Schedule(Random random, boolean withBrokerAndDatabase, boolean withPointsInBroker) {
        this.random = random;
        for (Victim victim : Victim.values()) {
            List<CrashPoint> points = CrashPoint.at(Place.TRANSACTION, Place.FALLBACK);
            stopping.put(
                    victim,
                    new Deck<>(
                            points.stream().filter(point -> !point.isInFlight()).toList(), random));
            inFlight.put(
                    victim,
                    new Deck<>(points.stream().filter(CrashPoint::isInFlight).toList(), random));
        }
        inBroker = new Deck<>(CrashPoint.at(Place.BROKER), random);
        List<Place> places = List.of(Place.CHECK_BACK, Place.CONSUMER);
        consumerOrCheckBackAtBroker = new Deck<>(places, random);
        consumerOrCheckBackAtDatabase = new Deck<>(places, random);
        kinds = new Deck<>(kinds(withBrokerAndDatabase, withPointsInBroker), random);
    }

    /** Everything is killed. */
    static Schedule full(Random random) {
        return new Schedule(random, true, true);
    }

    /** The same at a broker that cannot be stopped inside. */
    static Schedule aroundTheBroker(Random random) {
        return new Schedule(random, true, false);
    }

    /** Only the service is killed, and with it what lives in it. */
    static Schedule serviceOnly(Random random) {
        return new Schedule(random, false, false);
    }

    private List<Supplier<CrashRun>> kinds(boolean withBrokerAndDatabase, boolean withPointsInBroker) {
        List<Supplier<CrashRun>> kinds = new ArrayList<>();
        add(kinds, 22, () -> transactions(Victim.SERVICE));
        add(kinds, 5, () -> armed(Victim.SERVICE, Place.CHECK_BACK));
        add(kinds, 6, () -> armed(Victim.SERVICE, Place.CONSUMER));
        if (withBrokerAndDatabase) {
            add(kinds, 5, () -> transactions(Victim.BROKER));
            add(kinds, 2, () -> armed(Victim.BROKER, consumerOrCheckBackAtBroker.next()));
            add(kinds, 2, () -> transactions(Victim.DATABASE));
            add(kinds, 1, () -> armed(Victim.DATABASE, consumerOrCheckBackAtDatabase.next()));
        }
        if (withPointsInBroker) {
            add(kinds, 4, this::inBroker);
        }
        return kinds;
    }

    private static void add(List<Supplier<CrashRun>> kinds, int times, Supplier<CrashRun> kind) {
        kinds.addAll(Collections.nCopies(times, kind));
    }

    CrashRun next() {
        return kinds.next().get();
    }

    private CrashRun transactions(Victim victim) {
        List<CrashPoint> points = new ArrayList<>();
        for (int i = 0; i < STOPPING; i++) {
            points.add(stopping.get(victim).next());
        }
        return new CrashRun(
                ++number, victim, points, List.of(inFlight.get(victim).next()), List.of(), null, random.nextInt(2));
    }

    private CrashRun armed(Victim victim, Place place) {
        boolean checkBack = place == Place.CHECK_BACK;
        List<CrashPoint> armed = checkBack ? CrashPoint.at(place, Place.FORGETTING) : CrashPoint.at(place);
        List<CrashPoint> points = checkBack ? List.of(stopping.get(victim).next()) : List.of();
        return new CrashRun(++number, victim, points, List.of(), armed, null, 1 + random.nextInt(2));
    }

    private CrashRun inBroker() {
        CrashPoint point = inBroker.next();
        return new CrashRun(++number, Victim.BROKER, List.of(), List.of(), List.of(), point, 2 + random.nextInt(2));
    }

    /** Everything that a full schedule meets sooner or later, as {@code VICTIM@POINT}. */
    static Set<String> everything() {
        Set<String> all = new TreeSet<>();
        for (CrashPoint point : CrashPoint.values()) {
            for (Victim victim : Victim.values()) {
                if (point.place() != Place.BROKER || victim == Victim.BROKER) {
                    all.add(victim + "@" + point);
                }
            }
        }
        return all;
    }
}
