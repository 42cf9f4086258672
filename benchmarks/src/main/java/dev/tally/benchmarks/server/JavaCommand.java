package dev.tally.benchmarks.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How Java processes are launched: all with the same Java, heap and collector. */
public final class JavaCommand {

    private final String heap;

    /** With a largest heap, as {@code -Xmx} takes it. */
    public JavaCommand(String heap) {
        this.heap = heap;
    }

    /** The command that launches a JVM with such arguments. */
    public List<String> of(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + heap);
        command.add("-XX:+UseG1GC");
        command.addAll(List.of(arguments));
        return command;
    }
}
