package dev.tally.benchmarks.shop;

import dev.tally.benchmarks.time.SystemTiming;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The shop as a process. Says {@link #READY} when it runs, does the {@link ShopCommands} that it reads, one a line, and ends
 * when its input is closed.
 */
public final class ShopMain {

    /** Said when commands are taken. */
    public static final String READY = "ready";

    private static final int PROPERTIES_FROM = 3;

    private ShopMain() {}

    /**
     * Runs.
     *
     * @param arguments the {@link Style}, the {@link Role}, the first purchase's id, and properties of the application, each
     *     as {@code --name=value}
     */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        List<String> all = List.of(arguments);
        try (ShopCommands commands = new ShopCommands(
                Style.valueOf(all.get(0)),
                Role.valueOf(all.get(1)),
                Long.parseLong(all.get(2)),
                all.subList(PROPERTIES_FROM, all.size()),
                new SystemTiming())) {
            out.println(READY);
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                out.println(commands.run(line));
            }
        }
    }
}
