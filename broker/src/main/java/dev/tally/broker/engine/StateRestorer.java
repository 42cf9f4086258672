package dev.tally.broker.engine;

import dev.tally.broker.log.LogPoint;
import dev.tally.broker.snapshot.SnapshotFiles;
import dev.tally.broker.snapshot.SnapshotUnusableException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the state to start from: the newest snapshot that can be used, else the one before, else nothing, which means
 * that the whole log is read. Changes no file before {@link Restored#cleanUp}.
 */
final class StateRestorer {

    private static final Logger log = LoggerFactory.getLogger(StateRestorer.class);

    private final SnapshotFiles files;
    private final long logBegins;
    private final Supplier<StoreState> empty;

    /** For a log whose first segment begins at a position. */
    StateRestorer(SnapshotFiles files, long logBegins, Supplier<StoreState> empty) {
        this.files = files;
        this.logBegins = logBegins;
        this.empty = empty;
    }

    /**
     * A state, in recovery.
     *
     * @param from the place in the log up to which it is the log's, {@code null} where it is empty
     * @param unusable snapshots that could not be used
     */
    record Restored(StoreState state, @Nullable LogPoint from, List<Path> unusable) {

        /** Deletes what the state does not need; to be called when the log proved to be sound. */
        void cleanUp(SnapshotFiles files) throws IOException {
            files.discard(unusable);
            files.deleteUnfinished();
            state.queues.deleteLeftovers();
            state.keys.deleteLeftovers();
        }
    }

    /** The state to read the whole log into; what snapshots there are is not used. */
    Restored restoreFromTheLogAlone() throws IOException {
        StoreState state = empty.get();
        state.startAnew();
        return new Restored(state, null, files.newestFirst());
    }

    Restored restore() throws IOException {
        List<Path> unusable = new ArrayList<>();
        for (Path snapshot : files.newestFirst()) {
            StoreState state = empty.get();
            try {
                LogPoint from = new StoreSnapshot(state).readFrom(files.read(snapshot));
                if (from.position() < logBegins) {
                    throw new SnapshotUnusableException(
                            "the log behind it, up to position " + logBegins + ", was removed since it was taken");
                }
                state.keys.restore(Math.max(from.start(), logBegins), from.position());
                state.queues.numberBehindLeftovers();
                return new Restored(state, from, unusable);
            } catch (IOException | RuntimeException e) {
                state.close();
                unusable.add(snapshot);
                log.warn(
                        "Cannot start from a snapshot; an older one is tried, without one the whole log is read: file={}",
                        snapshot,
                        e);
            }
        }
        StoreState state = empty.get();
        state.startAnew();
        return new Restored(state, null, unusable);
    }
}
