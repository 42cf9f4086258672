package dev.tally.broker.engine;

import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.env.Disk;
import dev.tally.broker.env.ThreadWorkers;
import dev.tally.broker.env.Workers;
import dev.tally.broker.log.CommitLog;
import dev.tally.broker.log.LogPoint;
import dev.tally.broker.snapshot.SnapshotFiles;
import java.io.IOException;
import java.util.random.RandomGenerator;

/** Opens a store: takes the directory, restores the state, opens the log behind it; undoes all of it where that fails. */
final class StoreOpening {

    private StoreOpening() {}

    static LogMessageStore open(
            StoreConfig config, DerivedConfig derived, Disk disk, BrokerClock clock, RandomGenerator random)
            throws IOException {
        Workers workers = new ThreadWorkers("tally-store");
        try {
            return open(config, derived, disk, clock, random, workers);
        } catch (IOException | RuntimeException e) {
            workers.close();
            throw e;
        }
    }

    static LogMessageStore open(
            StoreConfig config,
            DerivedConfig derived,
            Disk disk,
            BrokerClock clock,
            RandomGenerator random,
            Workers workers)
            throws IOException {
        StoreDirectory directory = StoreDirectory.take(config, derived, disk);
        try {
            SnapshotFiles files = new SnapshotFiles(disk, derived.snapshots());
            StateRestorer restorer = new StateRestorer(
                    files,
                    CommitLog.firstBase(disk, config.log()),
                    () -> new StoreState(config, derived, disk, clock, random));
            // What is to be given up is found by reading everything.
            StateRestorer.Restored restored =
                    config.quarantine() ? restorer.restoreFromTheLogAlone() : restorer.restore();
            StoreState state = restored.state();
            try {
                LogPoint from = restored.from();
                CommitLog log = CommitLog.open(config.log(), disk, clock, random, workers, state, from);
                try {
                    directory.markFormat();
                    restored.cleanUp(files);
                    state.recovered(workers.background());
                } catch (IOException | RuntimeException e) {
                    log.close();
                    throw e;
                }
                Snapshots snapshots = new Snapshots(
                        files,
                        state,
                        log,
                        workers,
                        clock,
                        derived.snapshotEveryBytes(),
                        from == null ? 0 : from.position());
                return new LogMessageStore(directory, workers, state, log, snapshots, config, clock).started();
            } catch (IOException | RuntimeException e) {
                undo(state, e);
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private static void undo(StoreState state, Exception refusal) {
        try {
            state.deleteNew();
        } catch (IOException e) {
            refusal.addSuppressed(e);
        }
        try {
            state.close();
        } catch (IOException e) {
            refusal.addSuppressed(e);
        }
    }
}
