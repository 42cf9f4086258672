package dev.tally.transport.rocketmq.crash;

import static org.assertj.core.api.Assertions.fail;

import dev.tally.transport.rocketmq.crash.Script.Turn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A broker, a database, and the processes of one service, which are killed one after the other. There is always one that
 * publishes and answers check-backs, one that consumes (the same where the database takes only one), and a spare one
 * that is starting.
 */
final class CrashWorld implements AutoCloseable {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int MORE_TRANSACTIONS = 3;
    private static final int LOOKS = 900;
    private static final int LOOK_MILLIS = 100;
    private static final int STABLE_LOOKS = 40;
    private static final int HISTORY = 60;

    private final Launcher launcher;
    private final KillableDatabase database;
    private final KillableBroker broker;
    private final Mutant mutant;
    private final Random random;
    private final boolean oneAtATime;
    private final Map<String, Integer> hits = new TreeMap<>();
    private final List<String> history = new ArrayList<>();
    private ServiceProcess spare;
    private ServiceProcess next;
    private ServiceProcess service;
    private ServiceProcess consumer;
    private int processes;
    private int tokens;
    private int names;

    private CrashWorld(
            Launcher launcher, KillableDatabase database, KillableBroker broker, Mutant mutant, Random random) {
        this.launcher = launcher;
        this.database = database;
        this.broker = broker;
        this.mutant = mutant;
        this.random = random;
        this.oneAtATime = database.url().startsWith("jdbc:h2:file");
    }

    static CrashWorld begin(
            Launcher launcher, KillableDatabase database, KillableBroker broker, Mutant mutant, Random random) {
        CrashWorld world = new CrashWorld(launcher, database, broker, mutant, random);
        world.learn();
        world.spare = world.start();
        world.succeedService();
        world.succeedConsumer();
        world.settle("begin");
        return world;
    }

    /** The first process goes through what the others will, and leaves its classes to them. */
    private void learn() {
        if (launcher.hasArchive("service")) {
            return;
        }
        ServiceProcess first = new ServiceProcess(
                "first",
                launcher.train(
                        "service",
                        "96m",
                        CrashingService.class,
                        CrashingService.READY,
                        arguments("first", Mutant.NONE)));
        consumer = first.activate().consume();
        service = first;
        List<Script> scripts = List.of(
                Script.plain("learn-1", 2),
                Script.plain("learn-2", 1).with(Turn.REFUSED),
                Script.plain("learn-3", 2).with(Turn.ROLLS_BACK, Turn.DECISION_LOST),
                Script.plain("learn-4", 1).with(Turn.ANSWER_LOST));
        scripts.forEach(first::run);
        scripts.forEach(first::awaitEnd);
        settle("learn", first);
        first.leave();
        service = null;
        consumer = null;
        broker.learn();
    }

    private List<String> arguments(String name, Mutant made) {
        return List.of(name, database.url(), database.dialect().name(), broker.address(), made.name());
    }

    private ServiceProcess start() {
        String name = "p" + ++processes;
        return new ServiceProcess(
                name,
                launcher.start(
                        "service", "96m", CrashingService.class, CrashingService.READY, arguments(name, mutant)));
    }

    private ServiceProcess takeSpare() {
        ServiceProcess taken = spare;
        spare = start();
        return taken;
    }

    private void succeedService() {
        service = next == null ? takeSpare().activate() : next;
        next = null;
        if (oneAtATime) {
            consumer = service.consume();
        }
    }

    private void succeedConsumer() {
        if (!oneAtATime) {
            consumer = takeSpare().consume();
        }
    }

    /** How often each point was met with each victim, as {@code VICTIM@POINT}. */
    Map<String, Integer> hits() {
        return hits;
    }

    /** One kill. */
    void run(CrashRun run) {
        String number = "r" + run.number();
        tell(run.toString());
        List<Script> scripts = scripts(run, number);
        boolean nextIsThere = run.victim() == Victim.SERVICE && !run.inFlight().isEmpty() && !oneAtATime;
        if (nextIsThere) {
            // It may be asked about transactions that are still open in the one that is killed.
            next = takeSpare();
            next.beginToActivate();
        }
        Map<CrashPoint, Integer> before = new TreeMap<>();
        run.armed().forEach(point -> {
            before.put(point, who(point).stopsAt(point));
            who(point).arm(point);
        });
        CrashPoint inBroker = run.inBroker();
        if (inBroker != null) {
            broker.arm(inBroker);
        }
        scripts.forEach(service::run);
        List<String> reached = new ArrayList<>();
        scripts.stream()
                .filter(script -> script.point() != null && !script.point().isInFlight())
                .filter(service::awaitStop)
                .forEach(script -> reached.add(run.victim() + "@" + script.point()));
        before.forEach((point, times) -> {
            if (who(point).awaitStop(point, times + 1, SOON)) {
                reached.add(run.victim() + "@" + point);
            }
        });
        if (inBroker != null) {
            awaitStopInBroker(run, number, scripts);
            reached.add(run.victim() + "@" + inBroker);
        }
        if (nextIsThere) {
            next.awaitActive();
        }
        run.inFlight().forEach(point -> {
            // The last, so that it is killed while it is under way.
            Script script = stopping(number + "-f", point);
            scripts.add(script);
            service.run(script);
            if (service.awaitStop(script)) {
                reached.add(run.victim() + "@" + point);
            }
        });
        kill(run, scripts);
        reached.forEach(each -> hits.merge(each, 1, Integer::sum));
        tell("  " + number + " killed " + run.victim() + " at " + reached);
    }

    /**
     * Begins more transactions where the first ones have not brought the broker to its point: after a database was killed,
     * all of them may have got a dead connection from the pool.
     */
    private void awaitStopInBroker(CrashRun run, String number, List<Script> scripts) {
        CrashPoint point = run.inBroker();
        for (int more = 1; !broker.awaitStop(point, SOON); more++) {
            if (more > MORE_TRANSACTIONS) {
                throw new IllegalStateException(
                        "The broker has not come by " + point + " in run " + number + story(HISTORY));
            }
            tell("  " + number + " has not come by " + point + ": more transactions");
            List<Script> others = scripts(run, number + "-more" + more);
            scripts.addAll(others);
            others.forEach(service::run);
        }
    }

    private ServiceProcess who(CrashPoint point) {
        return point.place() == CrashPoint.Place.CONSUMER ? consumer : service;
    }

    private List<Script> scripts(CrashRun run, String number) {
        List<Script> scripts = new ArrayList<>();
        for (CrashPoint point : run.stopping()) {
            scripts.add(stopping(number + "-" + scripts.size(), point));
        }
        for (CrashPoint point : run.armed()) {
            Script script =
                    Script.plain(number + "-" + scripts.size(), point.place() == CrashPoint.Place.CONSUMER ? 4 : 2);
            scripts.add(point.place() == CrashPoint.Place.CHECK_BACK ? orphaned(script) : script);
        }
        if (run.inBroker() == CrashPoint.BROKER_CHECK_BACK_SENT) {
            scripts.add(orphaned(Script.plain(number + "-" + scripts.size(), 1)));
        }
        for (int i = 0; i < run.others(); i++) {
            scripts.add(other(Script.plain(number + "-" + scripts.size(), 1 + random.nextInt(3))));
        }
        return scripts;
    }

    private Script stopping(String id, CrashPoint point) {
        int messages = point == CrashPoint.SOME_HALVES_STORED ? 2 + random.nextInt(3) : 1 + random.nextInt(3);
        Script script = Script.stopping(id, point, messages);
        if (point.place() == CrashPoint.Place.FALLBACK) {
            return script.with(random.nextBoolean() ? Turn.REFUSED : Turn.ANSWER_LOST);
        }
        if (point == CrashPoint.DURING_COMMIT && database.slowCommits()) {
            return script.commitMillis(List.of(0, 3, 10, 1_000).get(random.nextInt(4)));
        }
        return script;
    }

    /** Half messages about which the broker has to ask: mostly of a transaction that the ledger does not know. */
    private Script orphaned(Script script) {
        return switch (random.nextInt(4)) {
            case 0 -> script.with(Turn.DECISION_LOST);
            case 1 -> script.with(Turn.ANSWER_LOST);
            default -> script.with(Turn.DECISION_LOST, Turn.ROLLS_BACK);
        };
    }

    /** Transactions that are under way, and stop nowhere. */
    private Script other(Script script) {
        return switch (random.nextInt(6)) {
            case 0 -> script.with(Turn.ROLLS_BACK);
            case 1 -> script.with(Turn.ANSWER_LOST);
            case 2 -> database.slowCommits() ? script.commitMillis(600 + random.nextInt(1_000)) : script;
            default -> script;
        };
    }

    private void kill(CrashRun run, List<Script> scripts) {
        switch (run.victim()) {
            case SERVICE -> killService(run);
            case BROKER -> killAndRelease(run, scripts, broker::kill, broker::startAgain);
            case DATABASE -> killAndRelease(run, scripts, database.kill(), database.startAgain());
        }
    }

    private void killService(CrashRun run) {
        boolean consuming = run.armed().stream().anyMatch(point -> point.place() == CrashPoint.Place.CONSUMER);
        if (oneAtATime) {
            service.kill();
            succeedService();
        } else if (consuming) {
            ServiceProcess old = consumer;
            succeedConsumer();
            old.kill();
        } else {
            service.kill();
            succeedService();
        }
    }

    private void killAndRelease(CrashRun run, List<Script> scripts, Runnable kill, Runnable startAgain) {
        kill.run();
        boolean whileItIsDown = random.nextInt(3) == 0;
        if (whileItIsDown) {
            release();
            pause(random.nextInt(200));
        }
        startAgain.run();
        if (!whileItIsDown) {
            pause(random.nextInt(2) * random.nextInt(1_500));
            release();
        }
        scripts.forEach(script -> tell("  " + service.awaitEnd(script)));
        // The circuit breaker has seen the dead broker; the next run shall not.
        service.release();
    }

    private void release() {
        service.release();
        if (consumer != service) {
            consumer.release();
        }
    }

    private static void pause(int millis) {
        try {
            boolean unused = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits until business, effects, outbox and broker agree, and fails where they do not: of all that has happened so
     * far.
     */
    void settle(String when) {
        settle(when, service);
        // What was visible by then comes before these.
        Script marker = Script.plain("marker-" + ++names, 6);
        service.run(marker);
        service.awaitEnd(marker);
        settle(when + ", after a marker", service);
    }

    private void settle(String when, ServiceProcess teller) {
        String found = "";
        String checks = "";
        int stable = 0;
        for (int look = 0; look < LOOKS; look++) {
            found = teller.books("b" + ++tokens);
            if (found.startsWith(Books.SETTLED)) {
                return;
            }
            if (!found.contains("phantom=[] twice=[]") && !found.startsWith("unreadable")) {
                break;
            }
            String current = found.substring(Math.max(0, found.indexOf("checkBacks=")));
            stable = found.startsWith(Books.SETTLED_AS_FAR_AS_TOLD) && current.equals(checks) ? stable + 1 : 0;
            checks = current;
            if (stable == STABLE_LOOKS) {
                return;
            }
            pause(LOOK_MILLIS);
        }
        fail("Broker and database do not agree (" + when + "):\n" + found + "\nhits: " + hits + story(HISTORY));
    }

    /** The last of what happened, and of what the processes printed. */
    String story(int lines) {
        StringBuilder story = new StringBuilder("\nwhat happened:\n" + tail(history, 4 * lines));
        for (ServiceProcess each : new ServiceProcess[] {service, consumer}) {
            if (each != null) {
                story.append("\n").append(each.name()).append(" printed:\n").append(tail(each.output(), lines));
            }
        }
        return story + "\nthe broker printed:\n" + tail(broker.output(), lines);
    }

    private static String tail(List<String> all, int lines) {
        return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
    }

    private void tell(String event) {
        history.add(event);
    }

    @Override
    public void close() {
        for (ServiceProcess each : new ServiceProcess[] {service, consumer, spare, next}) {
            if (each != null) {
                each.close();
            }
        }
        broker.close();
        database.close();
    }
}
