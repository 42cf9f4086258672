package dev.tally.benchmarks.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How Java processes are launched: all with the same Java, heap and collector. */
final class JavaCommand {

    private final String heap;

    JavaCommand(String heap) {
        this.heap = heap;
    }

    List<String> of(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + heap);
        command.add("-XX:+UseG1GC");
        command.addAll(List.of(arguments));
        return command;
    }
}
