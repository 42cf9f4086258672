package dev.tally.benchmarks.figure;

import java.nio.file.Path;
import java.util.List;

/** What one contender does for one workload, once for each run, each time from nothing. */
public interface Trial {

    /** The name in the figures. */
    String contender();

    /**
     * Runs once.
     *
     * @param directory an empty one for this run alone; deleted afterwards
     * @throws Exception whatever ends the run without a figure
     */
    List<Reading> run(Path directory) throws Exception;
}
