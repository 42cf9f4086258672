package dev.tally.broker.queue;

import java.nio.file.Path;

/**
 * How the queue indexes are kept.
 *
 * @param directory where the index files lie
 * @param pageEntries messages of one queue in a page
 * @param filePages pages in a file
 * @param diskReserveBytes usable disk space that a new file leaves free
 * @param maxMemoryBytes what pages in memory may take; where many queues have a last page that is not full, those that
 *     were not written to lately go into a file before their time
 * @since 0.1
 */
public record IndexConfig(Path directory, int pageEntries, int filePages, long diskReserveBytes, long maxMemoryBytes) {

    private static final int PAGE_ENTRIES = 128;
    private static final int HEAP_SHARE = 4;
    private static final int FILE_BYTES = 8 * 1024 * 1024;

    /** Refuses what cannot work. */
    public IndexConfig {
        if (pageEntries < 1 || filePages < 1 || (long) filePages * PageFormat.bytes(pageEntries) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "Cannot keep an index of " + pageEntries + " entries a page, " + filePages + " pages a file");
        }
    }

    /** The defaults: pages of 128 messages, files of 8 MiB, a quarter of the heap for pages in memory. */
    public static IndexConfig defaults(Path directory, long diskReserveBytes) {
        return new IndexConfig(
                directory,
                PAGE_ENTRIES,
                FILE_BYTES / PageFormat.bytes(PAGE_ENTRIES),
                diskReserveBytes,
                Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    }

    /** The same in another directory. */
    public IndexConfig in(Path other) {
        return new IndexConfig(other, pageEntries, filePages, diskReserveBytes, maxMemoryBytes);
    }

    int pageBytes() {
        return PageFormat.bytes(pageEntries);
    }

    int fileBytes() {
        return filePages * pageBytes();
    }
}
