package dev.tally.benchmarks.consumer;

import dev.tally.benchmarks.time.SystemTiming;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The service as a process. Says {@link #READY}, runs the {@link ConsumerCommands} that it reads, one a line, and ends
 * when its input is closed.
 */
public final class ConsumerMain {

    /** Said when commands are taken. */
    public static final String READY = "ready";

    private ConsumerMain() {}

    /**
     * Runs.
     *
     * @param arguments the {@link Style}, and properties of the application, each as {@code --name=value}
     */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        List<String> all = List.of(arguments);
        try (ConsumerCommands commands =
                new ConsumerCommands(Style.valueOf(all.get(0)), all.subList(1, all.size()), new SystemTiming())) {
            out.println(READY);
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                out.println(commands.run(line));
            }
        }
    }
}
