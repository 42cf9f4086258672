package dev.tally.benchmarks.server;

import java.io.IOException;
import java.nio.file.Path;

/** A broker that can be started. */
public interface ServerKind {

    /** Its name in the figures. */
    String contender();

    /** Whether it can be run like that. */
    boolean supports(Flush flush) throws IOException, InterruptedException;

    /** Starts a process on a data directory, new or left by another one; returns when clients can work with it. */
    Server start(Path directory, Flush flush, String label) throws IOException, InterruptedException;
}
