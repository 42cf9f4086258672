package dev.tally.benchmarks.profile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Flight recordings of processes, and beside each a text that says what is in it. */
public final class Profiles {

    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final Path folder;
    private final Duration skip;

    /** In a folder; what was recorded in the first {@code skip} of each is left out of the text. */
    public Profiles(Path folder, Duration skip) {
        this.folder = folder;
        this.skip = skip;
    }

    /** The file of the next recording. */
    public Path next(String label) throws IOException {
        return Files.createDirectories(folder).resolve(label + "-" + NUMBERS.incrementAndGet() + ".jfr");
    }

    /** What makes a JVM record until it is stopped in order. */
    public List<String> javaOptions(Path recording) {
        return List.of(
                "-XX:StartFlightRecording=filename=" + recording + ",settings=profile,dumponexit=true",
                "-Xlog:jfr*=off",
                // Without it, samples are attributed to the nearest safepoint's line.
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:+DebugNonSafepoints");
    }

    /** Writes the text. */
    public void summarize(Path recording) throws IOException {
        String name = String.valueOf(recording.getFileName());
        Files.writeString(
                recording.resolveSibling(name.replace(".jfr", ".txt")),
                String.join("\n", new RecordingSummary(skip).of(recording)) + "\n");
    }
}
