package dev.tally.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Kills processes that are not children of this JVM. */
final class Processes {

    private static final Logger log = LoggerFactory.getLogger(Processes.class);
    private static final int LOOKS = 6_000;

    private Processes() {}

    /** Kills a process and all below it like {@code kill -9}, and waits until none of them runs. */
    static void killWithDescendants(ProcessHandle process) {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(0, process);
        all.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle each : all) {
            awaitEnd(each);
        }
    }

    private static void awaitEnd(ProcessHandle process) {
        CountDownLatch never = new CountDownLatch(1);
        for (int look = 0; look < LOOKS; look++) {
            if (!process.isAlive() || isZombie(process.pid())) {
                return;
            }
            try {
                boolean unused = never.await(10, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while process " + process.pid() + " ends", e);
            }
        }
        throw new IllegalStateException("Process " + process.pid() + " is still there a minute after kill -9");
    }

    /** Dead, and not reaped by its parent: its number is taken, but it has no memory, no files, no sockets. */
    private static boolean isZombie(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            log.debug("State of process {} unknown, whether it is alive tells", pid, e);
            return false; // gone by now, or there is no such file system here
        }
    }
}
