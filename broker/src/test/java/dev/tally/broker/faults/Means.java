package dev.tally.broker.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Means of the machine by which tests make system calls fail. */
enum Means {
    /** {@code strace} that may attach to another process: makes chosen system calls fail. */
    STRACE("strace (Debian package strace) that may trace other processes") {
        @Override
        void tryOut(Path directory) throws IOException, InterruptedException {
            Process sleeper = new ProcessBuilder("sleep", "60").start();
            try (Strace attached = Strace.attach(sleeper.pid(), "-e", "trace=fdatasync")) {
                attached.detach();
            } finally {
                sleeper.destroyForcibly();
            }
        }
    },

    /** Mounting a file system of limited size: fills a disk without filling the machine's. */
    TMPFS("the right to mount a tmpfs (root, in a container also the capability SYS_ADMIN)") {
        @Override
        void tryOut(Path directory) throws IOException, InterruptedException {
            Shell.succeed("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", directory.toString());
            Shell.succeed("umount", directory.toString());
        }
    },

    /** {@code prlimit}: limits open files and file sizes of a process that runs. */
    PRLIMIT("prlimit (Debian package util-linux)") {
        @Override
        void tryOut(Path directory) throws IOException, InterruptedException {
            Shell.succeed("prlimit", "--nofile=64", "true");
        }
    },

    /** A way to run a program to which file permissions apply, also where the tests are run by root. */
    PERMISSIONS("setpriv (Debian package util-linux)") {
        @Override
        void tryOut(Path directory) throws IOException, InterruptedException {
            Shell.succeed("setpriv", "--bounding-set=-dac_override", "true");
        }
    };

    private final String description;

    Means(String description) {
        this.description = description;
    }

    /** Uses it once, harmlessly. */
    abstract void tryOut(Path directory) throws IOException, InterruptedException;

    /** What is missing here, empty where it works. */
    Optional<String> missing() {
        try {
            Path directory = Files.createTempDirectory("tally-means");
            try {
                tryOut(directory);
                return Optional.empty();
            } finally {
                Files.deleteIfExists(directory);
            }
        } catch (IOException e) {
            return Optional.of(description + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of(description + ": interrupted while it was tried out");
        }
    }
}
