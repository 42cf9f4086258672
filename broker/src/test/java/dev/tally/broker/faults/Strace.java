package dev.tally.broker.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code strace} attached to one thread of a running process, to make system calls of it fail. */
final class Strace implements AutoCloseable {

    private static final int KERNEL_NAME_LENGTH = 15;

    private final Process process;
    private final List<String> said = new ArrayList<>();

    private Strace(Process process) {
        this.process = process;
    }

    /** Attaches to a thread, or to a process's first; returns when it is attached. */
    static Strace attach(long thread, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("strace", "-o", "/dev/null", "-p", String.valueOf(thread)));
        command.addAll(List.of(options));
        Strace strace =
                new Strace(new ProcessBuilder(command).redirectErrorStream(true).start());
        strace.awaitAttached();
        return strace;
    }

    /** The id of the thread of a process by its name, of which the kernel keeps the first 15 characters. */
    static long thread(long pid, String name) throws IOException {
        String known = name.substring(0, Math.min(name.length(), KERNEL_NAME_LENGTH));
        try (Stream<Path> tasks = Files.list(Path.of("/proc", String.valueOf(pid), "task"))) {
            for (Path task : tasks.toList()) {
                if (Files.readString(task.resolve("comm")).strip().equals(known)) {
                    return Long.parseLong(task.getFileName().toString());
                }
            }
        }
        throw new IOException("Process " + pid + " has no thread " + name);
    }

    private void awaitAttached() throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            said.add(line);
            if (line.endsWith(" attached")) {
                return;
            }
        }
        throw new IOException("strace did not attach; it said " + said);
    }

    /** From now on the system calls work again. */
    void detach() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("strace does not end");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
