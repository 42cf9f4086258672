package dev.tally.testkit.saga;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What happened, for people. Written only where somebody will read it. For one thread. */
final class Trace {

    private final VirtualClock clock;
    private final boolean on;
    private final List<String> lines = new ArrayList<>();

    Trace(VirtualClock clock, boolean on) {
        this.clock = clock;
        this.on = on;
    }

    boolean isOn() {
        return on;
    }

    void add(String line) {
        if (on) {
            Duration at = clock.sinceBeginning();
            lines.add(String.format("%6d.%03d  %s", at.toSeconds(), at.toMillisPart(), line));
        }
    }

    @Override
    public String toString() {
        return String.join("\n", lines);
    }
}
