package dev.tally.benchmarks.figure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs workloads one after the other, the contenders of each in turns, so that what else the machine does hits all of
 * them.
 */
public final class Alternation {

    private final String suite;
    private final int runs;
    private final Path directory;
    private final Report report;

    /** With {@code directory} for the runs' files. */
    public Alternation(String suite, int runs, Path directory, Report report) {
        this.suite = suite;
        this.runs = runs;
        this.directory = directory;
        this.report = report;
    }

    /** Warms this process up; nothing is reported. */
    public void warmUp(Suite warm) throws Exception {
        Path own = Files.createTempDirectory(Files.createDirectories(directory), "warm-up-");
        try {
            report.progress("warming up");
            warm.warmUp(own);
        } finally {
            delete(own);
        }
    }

    /** Runs and reports all; answers how many runs failed. */
    public int run(List<Workload> workloads) throws IOException, InterruptedException {
        int failed = 0;
        for (Workload workload : workloads) {
            Map<String, List<Reading>> readings = new LinkedHashMap<>();
            workload.trials().forEach(trial -> readings.put(trial.contender(), new ArrayList<>()));
            for (int run = 1; run <= runs; run++) {
                for (Trial trial : workload.trials()) {
                    if (!run(workload, trial, run, readings)) {
                        failed++;
                    }
                }
            }
            report.medians(suite, workload.name(), readings);
        }
        return failed;
    }

    private boolean run(Workload workload, Trial trial, int run, Map<String, List<Reading>> readings)
            throws IOException, InterruptedException {
        String name = workload.name() + " " + trial.contender() + " " + run + "/" + runs;
        Path own = Files.createTempDirectory(Files.createDirectories(directory), "run-");
        try {
            List<Reading> read = trial.run(own);
            readings.getOrDefault(trial.contender(), new ArrayList<>()).addAll(read);
            report.progress(name + ": "
                    + read.stream()
                            .map(reading -> Report.number(reading.value()) + " " + reading.unit())
                            .collect(Collectors.joining(", ")));
            return true;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            report.comment("failed: " + name + ": " + e);
            Throwable cause = e.getCause();
            report.progress(name + " failed: " + e + (cause == null ? "" : ", because of " + cause));
            return false;
        } finally {
            delete(own);
        }
    }

    private static void delete(Path directory) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(directory)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }
}
