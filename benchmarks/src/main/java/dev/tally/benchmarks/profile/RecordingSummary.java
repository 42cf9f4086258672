package dev.tally.benchmarks.profile;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/**
 * Which threads ran, in which methods, where they allocated, and what they waited for. "Own" frames are those of this
 * project: the first one on the way down from the top says whose doing it was.
 */
final class RecordingSummary {

    private static final String OWN = "dev.tally.";
    private static final int ROWS = 40;
    private static final int FEW_ROWS = 15;

    private final Duration skip;
    private final Shares threads = new Shares();
    private final Shares top = new Shares();
    private final Shares own = new Shares();
    private final Shares ownMethods = new Shares();
    private final Shares natives = new Shares();
    private final Shares allocated = new Shares();
    private final Shares allocatedTypes = new Shares();
    private final Shares allocatedByThread = new Shares();
    private final Shares locks = new Shares();
    private final Shares parks = new Shares();
    private final Shares collections = new Shares();

    RecordingSummary(Duration skip) {
        this.skip = skip;
    }

    /** The text's lines. */
    List<String> of(Path recording) throws IOException {
        Instant from = Instant.MIN;
        try (RecordingFile file = new RecordingFile(recording)) {
            while (file.hasMoreEvents()) {
                RecordedEvent event = file.readEvent();
                if (from.equals(Instant.MIN)) {
                    from = event.getStartTime().plus(skip);
                }
                if (!event.getStartTime().isBefore(from)) {
                    take(event);
                }
            }
        }
        List<String> lines = new ArrayList<>();
        section(lines, "running threads (samples)", threads, ROWS);
        section(lines, "top frames (samples)", top, ROWS);
        section(lines, "first own line (samples)", own, ROWS);
        section(lines, "own methods anywhere on the stack (samples)", ownMethods, ROWS);
        section(lines, "in native calls (samples)", natives, FEW_ROWS);
        section(lines, "allocation by thread (bytes)", allocatedByThread, FEW_ROWS);
        section(lines, "allocation by type (bytes)", allocatedTypes, ROWS);
        section(lines, "allocation by first own line and type (bytes)", allocated, ROWS);
        section(lines, "waiting for monitors (ns)", locks, FEW_ROWS);
        section(lines, "parked (ns)", parks, FEW_ROWS);
        section(lines, "garbage collections (ns)", collections, FEW_ROWS);
        return lines;
    }

    private void take(RecordedEvent event) {
        switch (event.getEventType().getName()) {
            case "jdk.ExecutionSample" -> sample(event);
            case "jdk.NativeMethodSample" ->
                natives.add(thread(event.getThread("sampledThread")) + " " + frame(event.getStackTrace()), 1);
            case "jdk.ObjectAllocationSample" -> allocation(event);
            case "jdk.JavaMonitorEnter" ->
                locks.add(
                        event.getClass("monitorClass").getName() + " at " + ownFrame(event.getStackTrace()),
                        event.getDuration().toNanos());
            case "jdk.ThreadPark" ->
                parks.add(
                        thread(event.getThread()) + " at " + ownFrame(event.getStackTrace()),
                        event.getDuration().toNanos());
            case "jdk.GarbageCollection" ->
                collections.add(
                        event.getString("name"),
                        event.getDuration("sumOfPauses").toNanos());
            default -> {
                // Everything else says nothing about where time went.
            }
        }
    }

    private void sample(RecordedEvent event) {
        RecordedStackTrace stack = event.getStackTrace();
        String thread = thread(event.getThread("sampledThread"));
        threads.add(thread, 1);
        top.add(frame(stack), 1);
        own.add(thread + " " + ownFrame(stack), 1);
        if (stack != null) {
            stack.getFrames().stream()
                    .map(RecordedFrame::getMethod)
                    .map(method -> method.getType().getName() + "." + method.getName())
                    .filter(method -> method.startsWith(OWN))
                    .distinct()
                    .forEach(method -> ownMethods.add(method, 1));
        }
    }

    private void allocation(RecordedEvent event) {
        long weight = event.getLong("weight");
        String type = event.getClass("objectClass").getName();
        allocatedByThread.add(thread(event.getThread()), weight);
        allocatedTypes.add(type, weight);
        allocated.add(ownFrame(event.getStackTrace()) + " " + type, weight);
    }

    private static String thread(@Nullable RecordedThread thread) {
        String name = thread == null || thread.getJavaName() == null ? "vm" : thread.getJavaName();
        return "[" + name.replaceAll("\\d+", "N") + "]";
    }

    private static String frame(@Nullable RecordedStackTrace stack) {
        return stack == null || stack.getFrames().isEmpty()
                ? "unknown"
                : text(stack.getFrames().get(0));
    }

    private static String ownFrame(@Nullable RecordedStackTrace stack) {
        if (stack == null || stack.getFrames().isEmpty()) {
            return "unknown";
        }
        return stack.getFrames().stream()
                .filter(frame -> frame.getMethod().getType().getName().startsWith(OWN))
                .findFirst()
                .map(RecordingSummary::text)
                .orElseGet(() -> "(foreign) " + text(stack.getFrames().get(0)));
    }

    private static String text(RecordedFrame frame) {
        return frame.getMethod().getType().getName() + "." + frame.getMethod().getName() + ":" + frame.getLineNumber();
    }

    private static void section(List<String> lines, String title, Shares shares, int rows) {
        lines.add("");
        lines.add("== " + title + ", total " + shares.total());
        shares.largest(rows)
                .forEach(row -> lines.add(String.format(Locale.ROOT, "%5.1f %%  %s", row.percent(), row.name())));
    }
}
