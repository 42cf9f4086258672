package dev.tally.broker.queue;

import java.nio.file.Path;

/**
 * A page of a queue's index is damaged or gone. Nothing is lost: indexes are derived from the log, and the next start
 * builds them again.
 *
 * @since 0.1
 */
public class IndexCorruptedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Says which page was to be read, and what was found. */
    public IndexCorruptedException(Path file, long pageInFile, String queue, long page, String found) {
        super("Cannot read page " + page + " of the index of " + queue + " in " + file + ", page " + pageInFile
                + " of the file: " + found
                + "; nothing is lost, start the broker again and the indexes are built again from the log");
    }
}
