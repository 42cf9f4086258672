package dev.tally.sample.demo.watch;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;

/**
 * Shows how far the work is: a bar on a terminal, otherwise a line every few seconds. Thread-safe.
 *
 * @since 0.1
 */
public final class Progress {

    private static final int WIDTH = 40;
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

    private final PrintStream out;
    private final boolean terminal;
    private Instant lastLine = Instant.MIN;
    private boolean barShown;

    /** Shows on {@code out}, as a bar if it is a terminal. */
    public Progress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** {@code done} of {@code total} are done. */
    public synchronized void show(String what, int done, int total, Instant now) {
        if (terminal) {
            int filled = total == 0 ? WIDTH : (int) ((long) WIDTH * done / total);
            out.print("\r  [" + "#".repeat(filled) + "-".repeat(WIDTH - filled) + "] "
                    + "%,d of %,d %s".formatted(done, total, what) + "\u001b[K");
            out.flush();
            barShown = true;
        } else if (lastLine.equals(Instant.MIN)
                || Duration.between(lastLine, now).compareTo(BETWEEN_LINES) >= 0) {
            lastLine = now;
            out.println("  %,d of %,d %s".formatted(done, total, what));
        }
    }

    /** A line of its own. */
    public synchronized void note(String line) {
        clearBar();
        out.println(line);
        out.flush();
    }

    private void clearBar() {
        if (barShown) {
            out.print("\r\u001b[K");
            barShown = false;
        }
    }
}
