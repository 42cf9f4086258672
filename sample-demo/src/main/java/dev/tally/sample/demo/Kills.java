package dev.tally.sample.demo;

import dev.tally.sample.demo.place.Placing;
import dev.tally.sample.demo.process.Child;
import dev.tally.sample.demo.process.ProcessFailedException;
import dev.tally.sample.demo.time.Pacing;
import dev.tally.sample.demo.watch.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;

/** Kills each process once, at a moment of the placing's progress, and starts it again. */
final class Kills implements Callable<Integer> {

    private static final double EARLIEST = 0.15;
    private static final double LATEST = 0.85;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    private final Stage stage;
    private final Placing placing;
    private final List<Integer> moments;
    private final Pacing pacing;
    private final Progress progress;

    Kills(Stage stage, Placing placing, List<Integer> moments, Pacing pacing, Progress progress) {
        this.stage = stage;
        this.placing = placing;
        this.moments = moments;
        this.pacing = pacing;
        this.progress = progress;
    }

    /** Three random moments, in order, as numbers of orders of {@code total}. */
    static List<Integer> moments(RandomGenerator random, int total) {
        return random.doubles(3, EARLIEST, LATEST)
                .sorted()
                .mapToObj(moment -> Math.max(1, (int) Math.round(moment * total)))
                .toList();
    }

    /** Each process is killed at its moment, whether or not the one before it is back. */
    @Override
    public Integer call() throws InterruptedException, ProcessFailedException {
        List<Child> victims = List.of(stage.orderService, stage.broker, stage.stockService);
        List<Instant> killed = new ArrayList<>();
        List<Child> away = new ArrayList<>();
        while (killed.size() < victims.size() || !away.isEmpty()) {
            if (killed.size() < victims.size() && placing.done() >= moments.get(killed.size())) {
                Child victim = victims.get(killed.size());
                kill(victim);
                killed.add(pacing.now());
                away.add(victim);
            }
            for (Child child : List.copyOf(away)) {
                if (child.isReady(killed.get(victims.indexOf(child)))) {
                    noteBack(child, killed.get(victims.indexOf(child)));
                    away.remove(child);
                }
            }
            pacing.pause(BETWEEN_LOOKS);
        }
        return killed.size();
    }

    private void kill(Child victim) throws InterruptedException, ProcessFailedException {
        stage.readMeters();
        long pid = victim.pid();
        victim.kill();
        progress.note("  kill -9 %d: the %s, at %,d of %,d orders"
                .formatted(pid, victim.name(), placing.done(), placing.total()));
        victim.start();
    }

    private void noteBack(Child victim, Instant killed) {
        progress.note("  the %s is back after %.1f s"
                .formatted(victim.name(), Duration.between(killed, pacing.now()).toMillis() / 1000.0));
    }
}
