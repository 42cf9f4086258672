package dev.tally.broker.queue;

import dev.tally.broker.env.Disk;
import dev.tally.broker.env.DiskFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;

/** One file of pages. Every slot is written at most once in the file's life. */
final class IndexFile implements Closeable {

    static final String SUFFIX = ".index";

    private static final int ZEROS = 256 * 1024;

    final long number;
    final Path path;
    final DiskFile file;

    /** Slots that are taken. */
    int used;

    /** Slots whose page some queue still needs. */
    int live;

    /** How many snapshots had begun when the last page was no longer needed; meaningless before. */
    long deadSince;

    private IndexFile(long number, Path path, DiskFile file) {
        this.number = number;
        this.path = path;
        this.file = file;
    }

    static String nameOf(long number) {
        return String.format(Locale.ROOT, "%012d%s", number, SUFFIX);
    }

    /** The number of a file, {@code -1} where the name is not one of an index file. */
    static long numberOf(String name) {
        String digits = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : "";
        return !digits.isEmpty() && digits.length() <= 18 && digits.chars().allMatch(c -> c >= '0' && c <= '9')
                ? Long.parseLong(digits)
                : -1;
    }

    /** Makes a file of zeros: what is read through a mapping has to have its space. */
    static IndexFile create(Disk disk, Path directory, long number, int bytes) throws IOException {
        Path path = directory.resolve(nameOf(number));
        try (DiskFile file = disk.create(path)) {
            ByteBuffer zeros = ByteBuffer.allocate(Math.min(ZEROS, bytes));
            for (int at = 0; at < bytes; at += zeros.capacity()) {
                zeros.limit(Math.min(zeros.capacity(), bytes - at)).position(0);
                file.write(at, zeros);
            }
        } catch (IOException e) {
            deleteAfter(e, disk, path);
            throw e;
        }
        return new IndexFile(number, path, disk.open(path));
    }

    private static void deleteAfter(IOException failure, Disk disk, Path path) {
        try {
            disk.delete(path);
        } catch (IOException second) {
            failure.addSuppressed(second);
        }
    }

    static IndexFile open(Disk disk, Path directory, long number) throws IOException {
        Path path = directory.resolve(nameOf(number));
        return new IndexFile(number, path, disk.open(path));
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
