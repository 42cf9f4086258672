package dev.tally.sample.demo.process;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * How to start a process and how to see that it is ready.
 *
 * @param name what people call it
 * @param command the command line
 * @param ports the ports it listens on
 * @param ready answers 200 when it is ready
 * @param log where its output goes; starting again appends
 * @since 0.1
 */
public record Program(String name, List<String> command, List<Integer> ports, URI ready, Path log) {

    /** Copies the lists. */
    public Program {
        command = List.copyOf(command);
        ports = List.copyOf(ports);
    }
}
