package dev.tally.broker.engine;

import dev.tally.broker.key.KeyIndexConfig;
import dev.tally.broker.key.KeyReader;
import dev.tally.broker.queue.IndexConfig;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How the state that is derived from the log is kept.
 *
 * @param index the queue indexes
 * @param snapshots where snapshots lie
 * @param snapshotEveryBytes bytes of log between two snapshots at least; a large state waits for four times its own size
 * @param keys the index of keys, {@code null} for none
 */
record DerivedConfig(
        IndexConfig index,
        Path snapshots,
        long snapshotEveryBytes,
        @Nullable KeyIndexConfig keys) {

    private static final long SNAPSHOT_EVERY_BYTES = 128L * 1024 * 1024;

    /** Without an index of keys. */
    DerivedConfig(IndexConfig index, Path snapshots, long snapshotEveryBytes) {
        this(index, snapshots, snapshotEveryBytes, null);
    }

    static DerivedConfig defaults(StoreConfig config) {
        Path directory = config.directory();
        return new DerivedConfig(
                IndexConfig.defaults(directory.resolve("index"), config.diskReserveBytes()),
                directory.resolve("snapshot"),
                SNAPSHOT_EVERY_BYTES);
    }

    /** The defaults, with an index of the keys that a reader finds. */
    static DerivedConfig defaults(StoreConfig config, KeyReader reader) {
        return defaults(config)
                .withKeys(
                        KeyIndexConfig.defaults(config.directory().resolve("keys"), config.diskReserveBytes(), reader));
    }

    /** The same with an index of keys. */
    DerivedConfig withKeys(KeyIndexConfig keyIndex) {
        return new DerivedConfig(index, snapshots, snapshotEveryBytes, keyIndex);
    }

    /** The same with the queues' indexes in another directory. */
    DerivedConfig withIndexIn(Path directory) {
        return new DerivedConfig(index.in(directory), snapshots, snapshotEveryBytes, keys);
    }
}
