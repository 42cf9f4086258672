package dev.tally.benchmarks.figure;

import java.io.IOException;
import java.util.List;

/** Workloads that belong together, with one name on the command line. */
public interface Suite {

    /** The name, first column of the figures. */
    String name();

    /** What has to be known of the contenders to read the figures. */
    List<String> comments();

    /** What is measured. */
    List<Workload> workloads() throws IOException, InterruptedException;
}
