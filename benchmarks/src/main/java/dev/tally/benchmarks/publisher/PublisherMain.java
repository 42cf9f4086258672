package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.time.SystemTiming;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The service as a process. Says {@link #READY}, runs the {@link PublisherCommands} that it reads, one a line, and ends
 * when its input is closed.
 */
public final class PublisherMain {

    /** Said when commands are taken. */
    public static final String READY = "ready";

    private PublisherMain() {}

    /**
     * Runs.
     *
     * @param arguments the {@link Kind}, the first order's id, the file of deliveries or {@code none}, and properties of
     *     the application, each as {@code --name=value}
     */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        List<String> all = List.of(arguments);
        try (PublisherCommands commands = new PublisherCommands(
                Kind.valueOf(all.get(0)),
                Long.parseLong(all.get(1)),
                all.get(2),
                all.subList(3, all.size()),
                new SystemTiming())) {
            out.println(READY);
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                out.println(commands.run(line));
            }
        }
    }
}
