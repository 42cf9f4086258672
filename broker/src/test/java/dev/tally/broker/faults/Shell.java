package dev.tally.broker.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Runs small programs of the operating system. */
final class Shell {

    private Shell() {}

    /** What a program said and how it ended. */
    record Outcome(int exit, String output) {}

    static Outcome run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " does not end");
        }
        return new Outcome(process.exitValue(), output);
    }

    /** The same for one that has to succeed; answers what it said. */
    static String succeed(String... command) throws IOException, InterruptedException {
        Outcome outcome = run(command);
        if (outcome.exit() != 0) {
            throw new IOException(
                    String.join(" ", command) + " ended with " + outcome.exit() + ": " + outcome.output());
        }
        return outcome.output();
    }
}
