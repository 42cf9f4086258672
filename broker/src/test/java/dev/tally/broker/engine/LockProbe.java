package dev.tally.broker.engine;

import dev.tally.broker.env.DirectoryLockedException;
import dev.tally.broker.env.FileSystemDisk;
import java.io.IOException;
import java.nio.file.Path;

/** Another process that tries to take a data directory. */
final class LockProbe {

    private LockProbe() {}

    public static void main(String[] arguments) throws IOException {
        try {
            new FileSystemDisk().lock(Path.of(arguments[0])).close();
            System.out.println("FREE");
        } catch (DirectoryLockedException e) {
            System.out.println("LOCKED by " + e.owner());
        }
    }
}
