package dev.tally.broker.engine;

import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.env.DirectoryLockedException;
import dev.tally.broker.env.Disk;
import dev.tally.broker.log.FormatTooNewException;
import dev.tally.broker.log.LogCheck;
import dev.tally.broker.log.LogCorruptedException;
import dev.tally.broker.queue.QueueTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What can be done with the data directory of a broker that does not run.
 *
 * @since 0.1
 */
public final class StoreTools {

    private final Disk disk;
    private final BrokerClock clock;
    private final RandomGenerator random;

    /** Tools for the directories of a disk. */
    public StoreTools(Disk disk, BrokerClock clock, RandomGenerator random) {
        this.disk = disk;
        this.clock = clock;
        this.random = random;
    }

    /**
     * What a data directory holds.
     *
     * @param log the log
     * @param topics topics that exist
     * @param messages visible messages
     * @param undecided half messages that nobody has decided, parked ones not counted
     * @param parked parked half messages
     * @param scheduled delayed messages that are not visible yet
     * @param notes what a start would repair by itself
     * @since 0.1
     */
    public record Check(
            LogCheck.Result log,
            int topics,
            long messages,
            long undecided,
            long parked,
            long scheduled,
            List<String> notes) {

        /** Whether a broker starts on it. */
        public boolean whole() {
            return log.damage().isEmpty();
        }
    }

    /**
     * Reads and verifies a directory and writes nothing.
     *
     * @throws DirectoryLockedException where a broker runs on it
     * @throws FormatTooNewException where a newer version wrote it
     */
    public Check check(Path directory) throws IOException {
        try (StoreDirectory taken = take(directory)) {
            StoreConfig config = StoreConfig.defaults(directory);
            List<String> notes = new ArrayList<>();
            if (!taken.formatIsReadable()) {
                notes.add(directory.resolve(StoreDirectory.FORMAT_FILE)
                        + " is missing or cannot be read; the next start writes it again");
            }
            // The queues' indexes are built beside it: nothing of the directory is touched.
            Path scratch = Files.createTempDirectory("tally-check");
            DerivedConfig derived = DerivedConfig.defaults(config).withIndexIn(scratch);
            StoreState state = new StoreState(config, derived, disk, clock, random);
            try (QueueTable queues = state.queues) {
                LogCheck.Result log = LogCheck.check(config.log(), disk, state);
                queues.deleteNew();
                return new Check(
                        log,
                        state.topics.size(),
                        state.counters.messages.sum(),
                        state.halves.preparedCount(),
                        state.halves.parkedCount(),
                        state.timers.size(),
                        notes);
            } finally {
                for (String file : disk.list(scratch)) {
                    disk.delete(scratch.resolve(file));
                }
                Files.delete(scratch);
            }
        }
    }

    /**
     * Copies a directory to a new one.
     *
     * @return the bytes of the log in the copy
     * @throws DirectoryLockedException where a broker runs on it
     * @throws LogCorruptedException where it is damaged; the copy holds nothing
     */
    public long backup(Path directory, Path target) throws IOException {
        try (StoreDirectory taken = take(directory)) {
            return taken.backup(
                    target, log -> LogCheck.copy(StoreConfig.defaults(directory).log(), disk, log));
        }
    }

    private StoreDirectory take(Path directory) throws IOException {
        if (!disk.exists(directory.resolve(StoreDirectory.LOG))) {
            throw new NoSuchFileException(directory.toString(), null, "this is not the data directory of a broker");
        }
        return StoreDirectory.takeExisting(directory, disk);
    }
}
