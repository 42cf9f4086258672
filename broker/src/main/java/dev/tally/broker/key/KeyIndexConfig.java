package dev.tally.broker.key;

import java.nio.file.Path;

/**
 * How the key index is kept.
 *
 * @param directory where its files lie
 * @param runEntries keys that are gathered in memory, and sorted into a file of their own then; 16 bytes each
 * @param diskReserveBytes usable disk space that a new file leaves free
 * @param reader finds the keys of a message
 * @since 0.1
 */
public record KeyIndexConfig(Path directory, int runEntries, long diskReserveBytes, KeyReader reader) {

    private static final int RUN_ENTRIES = 128 * 1024;
    private static final int MOST_RUN_ENTRIES = 16 * 1024 * 1024;

    /** Refuses what cannot work. */
    public KeyIndexConfig {
        if (runEntries < 1 || runEntries > MOST_RUN_ENTRIES) {
            throw new IllegalArgumentException("Cannot keep a key index of " + runEntries + " entries a file; 1 to "
                    + MOST_RUN_ENTRIES + " are possible");
        }
    }

    /** The defaults: files of 2 MiB. */
    public static KeyIndexConfig defaults(Path directory, long diskReserveBytes, KeyReader reader) {
        return new KeyIndexConfig(directory, RUN_ENTRIES, diskReserveBytes, reader);
    }
}
