package dev.tally.transport.rocketmq.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.testkit.PostgresDatabase;
import dev.tally.testkit.scenario.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A producer at full load, a broker in a process of its own, and three members of a group on one PostgreSQL: while two of
 * the members and the broker are killed with -9, stopped, sent away and started again, and the third is only stopped, every
 * confirmed message takes effect once, those of a key in the order in which they were sent; and the third one's memory does
 * not grow.
 *
 * <p>{@code -Dtally.consume.soak.seconds=1800} soaks for half an hour, {@code -Dtally.consume.soak.seed=7} repeats the
 * choice of what is done to whom:
 *
 * <pre>
 * mvn -B test -pl transports/rocketmq -am -Dtest=ConsumeSoakTest -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dtally.consume.soak.seconds=1800
 * </pre>
 */
@Timeout(value = 4, unit = TimeUnit.HOURS)
class ConsumeSoakTest {

    private static final Duration RUN = Duration.ofSeconds(Long.getLong("tally.consume.soak.seconds", 12));
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final int SAMPLES = 60;
    private static final int REMEMBERED = 200;
    private static final long MIB = 1 << 20;

    /** Members that are killed; the one after them is not. */
    private static final int KILLED = 2;

    private static final int STEADY = KILLED;

    /** What is done to the processes; each once before any comes again. */
    private enum Act {
        KILL_MEMBER,
        KILL_BOTH,
        STOP_MEMBER,
        SEND_MEMBER_AWAY,
        KILL_BROKER,
        STOP_BROKER,
        /** A member sleeps while others get its queues, and goes on with what it had. */
        STOP_MEMBER_AND_KILL_BROKER
    }

    @TempDir
    static Path programs;

    private static Launcher launcher;

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("tally.consume.soak.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Map<Act, Integer> done = new EnumMap<>(Act.class);
    private final Deque<String> lately = new ArrayDeque<>();
    private final MemorySamples heap = new MemorySamples(8 * MIB);
    private final MemorySamples resident = new MemorySamples(32 * MIB);
    private SoakGroup group;
    private KillableBroker broker;

    @BeforeAll
    static void pack() {
        launcher = new Launcher(programs);
    }

    @Scenario("messaging-25")
    @Scenario("messaging-31")
    @Test
    void everyConfirmedMessageHasOneEffectInOrderWhileMembersAndBrokerAreKilled() {
        System.out.println(described());
        try (PostgresDatabase database = PostgresDatabase.create()) {
            SoakBooks books = new SoakBooks(database).open(SoakProducer.KEYS);
            try (KillableBroker begun = KillableBroker.tally(launcher, folder);
                    SoakGroup members =
                            new SoakGroup(launcher, KILLED + 1, database.url(), begun.address(), Mutant.NONE);
                    SoakProducer producer = new SoakProducer(begun.address(), books::effects, PATIENCE)) {
                broker = begun;
                group = members;
                group.awaitReady();
                producer.start();
                awaitEffects(books, 1);
                soak();
                settle(producer, books);
                System.out.println(described() + " effects=" + books.effects() + " duplicates=" + group.duplicates()
                        + " failures=" + group.failures() + " heap=" + heap + " resident=" + resident);
            }
        }
    }

    /** Otherwise the run above would show nothing. */
    @Test
    void findsAnInboxThatRemembersNothing() {
        try (PostgresDatabase database = PostgresDatabase.create()) {
            SoakBooks books = new SoakBooks(database).open(SoakProducer.KEYS);
            try (KillableBroker begun = KillableBroker.tally(launcher, folder);
                    SoakGroup members = new SoakGroup(launcher, 1, database.url(), begun.address(), Mutant.NO_INBOX);
                    SoakProducer producer = new SoakProducer(begun.address(), books::effects, PATIENCE)) {
                producer.start();
                awaitEffects(books, 100);
                members.kill(0);
                members.startAgain(0);
                await(described()).atMost(PATIENCE).untilAsserted(() -> assertThat(books.violations())
                        .isNotEmpty());
            }
        }
    }

    private String described() {
        return "tally.consume.soak.seed=" + seed + " done=" + done + " lately=" + lately;
    }

    private void awaitEffects(SoakBooks books, long count) {
        await(described()).atMost(PATIENCE).until(() -> books.effects() >= count);
    }

    private void soak() {
        long begin = System.nanoTime();
        long sampled = begin;
        long betweenSamples = RUN.dividedBy(SAMPLES).toNanos();
        Iterator<Act> acts = Collections.emptyIterator();
        while (System.nanoTime() - begin < RUN.toNanos()) {
            if (!acts.hasNext()) {
                List<Act> all = new ArrayList<>(Arrays.asList(Act.values()));
                Collections.shuffle(all, random);
                acts = all.iterator();
            }
            Act act = acts.next();
            perform(act);
            done.merge(act, 1, Integer::sum);
            pause(200 + random.nextInt(1000));
            if (System.nanoTime() - sampled >= betweenSamples) {
                sampled = System.nanoTime();
                heap.add(group.heapBytes(STEADY));
                resident.add(group.residentBytes(STEADY));
            }
        }
    }

    private void perform(Act act) {
        int place = random.nextInt(KILLED);
        int anyPlace = random.nextInt(KILLED + 1);
        lately.add(LocalTime.now() + " " + act + " " + place + '|' + anyPlace);
        if (lately.size() > REMEMBERED) {
            lately.remove();
        }
        switch (act) {
            case KILL_MEMBER -> {
                group.kill(place);
                pause(random.nextInt(1500));
                group.startAgain(place);
            }
            case KILL_BOTH -> {
                for (int each = 0; each < KILLED; each++) {
                    group.kill(each);
                }
                for (int each = 0; each < KILLED; each++) {
                    group.startAgain(each);
                }
            }
            case STOP_MEMBER -> stopped(group.pid(anyPlace), () -> pause(random.nextInt(3000)));
            case SEND_MEMBER_AWAY -> {
                group.sendAway(place);
                group.startAgain(place);
            }
            case KILL_BROKER -> killBroker();
            case STOP_BROKER -> stopped(broker.pid(), () -> pause(random.nextInt(2500)));
            case STOP_MEMBER_AND_KILL_BROKER ->
                stopped(group.pid(anyPlace), () -> {
                    killBroker();
                    pause(1000 + random.nextInt(2000));
                });
        }
    }

    private void killBroker() {
        broker.kill();
        pause(random.nextInt(500));
        broker.startAgain();
    }

    private static void stopped(long pid, Runnable meanwhile) {
        SoakGroup.signal("-STOP", pid);
        try {
            meanwhile.run();
        } finally {
            SoakGroup.signal("-CONT", pid);
        }
    }

    private void settle(SoakProducer producer, SoakBooks books) {
        group.awaitReady();
        List<Long> confirmed = producer.finish(described());
        await(described())
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                // What comes once more comes soon.
                .during(Duration.ofSeconds(1))
                .untilAsserted(() ->
                        assertThat(books.differences(confirmed)).as(described()).isEmpty());
        assertThat(books.violations()).as(described()).isEmpty();
        assertThat(group.duplicates())
                .as("%s: deliveries that only the inbox knew", described())
                .isPositive();
        assertThat(heap.rise())
                .as("%s: heap after collections rises: %s", described(), heap)
                .isFalse();
        assertThat(resident.rise())
                .as("%s: resident memory rises: %s", described(), resident)
                .isFalse();
    }

    private static void pause(int millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
