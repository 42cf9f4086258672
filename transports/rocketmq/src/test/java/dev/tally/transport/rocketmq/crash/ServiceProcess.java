package dev.tally.transport.rocketmq.crash;

import dev.tally.testkit.ChildJvm;
import java.time.Duration;
import java.util.List;

/** One {@link CrashingService}, from outside. */
final class ServiceProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final String name;
    private final ChildJvm process;

    ServiceProcess(String name, ChildJvm process) {
        this.name = name;
        this.process = process;
    }

    String name() {
        return name;
    }

    ServiceProcess activate() {
        beginToActivate();
        return awaitActive();
    }

    void beginToActivate() {
        process.tell("activate");
    }

    ServiceProcess awaitActive() {
        process.awaitLine(line -> line.equals("ACTIVE"), PATIENCE);
        return this;
    }

    ServiceProcess consume() {
        process.tell("consume");
        process.awaitLine(line -> line.equals("CONSUMING"), PATIENCE);
        return this;
    }

    void run(Script script) {
        process.tell(script.toLine());
    }

    void arm(CrashPoint point) {
        process.tell("arm " + point);
    }

    void release() {
        process.tell("release");
    }

    /** Waits until a transaction has stopped at its point, or has ended without coming by. */
    boolean awaitStop(Script script) {
        String stopped = "AT " + script.id() + ' ' + script.point();
        String ended = "END " + script.id() + ' ';
        return process.awaitLine(line -> line.equals(stopped) || line.startsWith(ended), PATIENCE)
                .equals(stopped);
    }

    /** Waits until anybody has stopped at an armed point, the {@code time}th time in this process. */
    boolean awaitStop(CrashPoint point, int time, Duration patience) {
        int[] left = {time};
        try {
            process.awaitLine(line -> line.startsWith("AT ") && line.endsWith(" " + point) && --left[0] == 0, patience);
            return true;
        } catch (IllegalStateException e) {
            if (!process.isAlive()) {
                throw e;
            }
            return false;
        }
    }

    int stopsAt(CrashPoint point) {
        return (int) process.output().stream()
                .filter(line -> line.startsWith("AT ") && line.endsWith(" " + point))
                .count();
    }

    String awaitEnd(Script script) {
        String ended = "END " + script.id() + ' ';
        return process.awaitLine(line -> line.startsWith(ended), PATIENCE);
    }

    /** What database and broker hold, see {@link Books}. */
    String books(String token) {
        process.tell("books " + token);
        String prefix = "BOOKS " + token + ' ';
        return process.awaitLine(line -> line.startsWith(prefix), PATIENCE).substring(prefix.length());
    }

    void kill() {
        process.close();
    }

    /** Ends it in order, for its archive of classes. */
    void leave() {
        process.tell("exit");
        process.awaitEnd();
    }

    List<String> output() {
        return process.output();
    }

    @Override
    public void close() {
        kill();
    }
}
