package dev.tally.benchmarks.figure;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Workloads that belong together, with one name on the command line. */
public interface Suite {

    /** The name, first column of the figures. */
    String name();

    /** What has to be known of the contenders to read the figures. */
    List<String> comments();

    /**
     * Lets this process do for a while what it will do, so that the first contender does not meet cold code.
     *
     * @param directory an empty one
     */
    void warmUp(Path directory) throws Exception;

    /** What is measured. */
    List<Workload> workloads() throws IOException, InterruptedException;
}
