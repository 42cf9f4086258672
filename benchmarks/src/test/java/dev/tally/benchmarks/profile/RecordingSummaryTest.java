package dev.tally.benchmarks.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingSummaryTest {

    @TempDir
    Path directory;

    private Object kept;

    @Test
    void namesTheLineThatAllocates() throws Exception {
        Path file = directory.resolve("own.jfr");
        try (Recording recording = new Recording()) {
            recording
                    .enable("jdk.ObjectAllocationSample")
                    .with("throttle", "1000/s")
                    .withStackTrace();
            recording.start();
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < 300_000; i++) {
                kept = new long[64 + random.nextInt(1000)];
            }
            recording.stop();
            recording.dump(file);
        }

        List<String> lines = new RecordingSummary(Duration.ZERO).of(file);

        assertThat(kept).isNotNull();
        assertThat(lines)
                .anyMatch(line -> line.startsWith("== allocation by first own line"))
                .anyMatch(line -> line.matches(".*RecordingSummaryTest\\.namesTheLineThatAllocates:\\d+ \\[J"));
    }
}
