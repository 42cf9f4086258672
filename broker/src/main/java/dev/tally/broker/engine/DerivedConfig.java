package dev.tally.broker.engine;

import dev.tally.broker.queue.IndexConfig;
import java.nio.file.Path;

/**
 * How the state that is derived from the log is kept.
 *
 * @param index the queue indexes
 * @param snapshots where snapshots lie
 * @param snapshotEveryBytes bytes of log between two snapshots at least; a large state waits for four times its own size
 */
record DerivedConfig(IndexConfig index, Path snapshots, long snapshotEveryBytes) {

    private static final long SNAPSHOT_EVERY_BYTES = 128L * 1024 * 1024;

    static DerivedConfig defaults(StoreConfig config) {
        Path directory = config.directory();
        return new DerivedConfig(
                IndexConfig.defaults(directory.resolve("index"), config.diskReserveBytes()),
                directory.resolve("snapshot"),
                SNAPSHOT_EVERY_BYTES);
    }

    /** The same with the queues' indexes in another directory. */
    DerivedConfig withIndexIn(Path directory) {
        return new DerivedConfig(index.in(directory), snapshots, snapshotEveryBytes);
    }
}
