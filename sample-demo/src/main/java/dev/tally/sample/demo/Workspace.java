package dev.tally.sample.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** The directory of a run, with the data and the logs: new for each run, and gone after a good one unless wanted. */
final class Workspace {

    private static final long BYTES_NEEDED = 500L << 20;

    private final Path directory;
    private volatile boolean kept;

    private Workspace(Path directory, boolean kept) {
        this.directory = directory;
        this.kept = kept;
    }

    /** A new directory under {@code parent}, which is kept, or among the temporary files, which is not. */
    static Workspace create(@Nullable Path parent) throws DemoFailedException {
        String where = parent == null ? "the temporary files" : parent.toString();
        try {
            Path directory = parent == null
                    ? Files.createTempDirectory("tally-demo-")
                    : Files.createTempDirectory(Files.createDirectories(parent).toAbsolutePath(), "tally-demo-");
            Workspace workspace = new Workspace(directory, parent != null);
            long free = Files.getFileStore(directory).getUsableSpace();
            if (free < BYTES_NEEDED) {
                workspace.close();
                throw new DemoFailedException("Too little disk space under " + where + ": " + (free >> 20)
                        + " MB are free, " + (BYTES_NEEDED >> 20) + " MB are needed; choose another place with --data");
            }
            return workspace;
        } catch (IOException | UncheckedIOException failed) {
            throw new DemoFailedException("Cannot make a directory under " + where + ": " + failed, failed);
        }
    }

    Path directory() {
        return directory;
    }

    /** Keeps the files: somebody may want to read them. */
    void keep() {
        kept = true;
    }

    boolean isKept() {
        return kept;
    }

    /** Deletes the files, unless they are to be kept. */
    void close() throws IOException {
        if (kept || !Files.exists(directory)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failed) throws IOException {
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
