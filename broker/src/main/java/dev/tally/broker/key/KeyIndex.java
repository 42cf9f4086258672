package dev.tally.broker.key;

import dev.tally.broker.env.Disk;
import dev.tally.broker.snapshot.SnapshotUnusableException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds log positions by the hashes of keys. The newest keys are in memory in the order of the log; what is enough for a
 * file is sorted and written, in the background. Each file covers a part of the log, and together they cover all of it.
 *
 * <p><b>Why it may be lost.</b> A snapshot is taken only of an index whose files up to the snapshot's place in the log are
 * on the disk. A start from it uses these files, throws away what was written later, and gets the rest from the log again.
 * Where a file is missing, the snapshot is not used.
 *
 * <p><b>Thread-safety.</b> {@link #add} and {@link #seal} belong to the log's writer; any thread finds.
 *
 * @since 0.1
 */
public final class KeyIndex implements Closeable {

    private static final Logger log = LoggerFactory.getLogger(KeyIndex.class);

    /** Batches that wait for a disk that does not take them; what comes then is not indexed before the next start. */
    private static final int MOST_SEALED = 8;

    private final @Nullable KeyIndexConfig config;
    private final Disk disk;
    private final Object writing = new Object();

    private volatile View view = new View(List.of(), List.of(), new KeyBatch(0));
    private volatile long lastMillis;
    private volatile long lastPosition;
    private volatile boolean incomplete;
    private Executor writer = Runnable::run;

    private long nextNumber = 1;
    private long firstNewNumber = 1;
    private final List<KeyRun> leftovers = new ArrayList<>();
    private final List<KeyRun> dirty = new ArrayList<>();
    private final List<KeyRun> replaced = new ArrayList<>();
    private final List<KeyRun> replacedBefore = new ArrayList<>();
    private long startOfSnapshotBefore;
    private boolean warned;

    /** All that is known; replaced as a whole under the index's lock. */
    private record View(List<KeyRun> runs, List<KeyBatch> sealed, KeyBatch open) {}

    /** An index without keys, in recovery; one that stays empty where {@code config} is {@code null}. */
    public KeyIndex(@Nullable KeyIndexConfig config, Disk disk) {
        this.config = config;
        this.disk = disk;
    }

    /** Begins with nothing: the whole log is read. Files that are there are left over. */
    public void startAnew() throws IOException {
        leftovers.addAll(files());
        numberBehind(leftovers);
    }

    /**
     * Begins with the files that cover the log up to a position.
     *
     * @param start from where on they must cover it
     * @throws SnapshotUnusableException where some of them are missing
     */
    public void restore(long start, long position) throws IOException {
        if (config == null) {
            return;
        }
        List<KeyRun> files = files();
        List<KeyRun> used = new ArrayList<>();
        // Where nothing is left of the log before the position, no file is needed.
        long covered = start >= position ? position : -1;
        while (covered < position) {
            KeyRun next = longest(files, covered, start, position);
            if (next == null) {
                throw new SnapshotUnusableException("the key index in " + config.directory()
                        + " does not cover the log " + (covered < 0 ? "from " + start : "behind " + covered)
                        + " up to " + position);
            }
            used.add(next);
            covered = next.to();
        }
        files.removeAll(used);
        leftovers.addAll(files);
        numberBehind(leftovers);
        numberBehind(used);
        startOfSnapshotBefore = start;
        view = new View(List.copyOf(used), List.of(), new KeyBatch(position));
    }

    /** The run that covers most behind a position, or at the beginning of the log. */
    private static @Nullable KeyRun longest(List<KeyRun> files, long covered, long start, long position) {
        KeyRun best = null;
        for (KeyRun run : files) {
            boolean fits = covered < 0 ? run.from() <= start : run.from() == covered;
            boolean better = best == null || run.to() > best.to();
            if (fits && better && run.to() > run.from() && run.to() <= position && (covered >= 0 || run.to() > start)) {
                best = run;
            }
        }
        return best;
    }

    private List<KeyRun> files() throws IOException {
        List<KeyRun> files = new ArrayList<>();
        if (config != null) {
            for (String name : disk.list(config.directory())) {
                KeyRun run = KeyRun.of(disk, config.directory(), name);
                if (run != null) {
                    files.add(run);
                }
            }
        }
        return files;
    }

    private void numberBehind(List<KeyRun> runs) {
        for (KeyRun run : runs) {
            nextNumber = Math.max(nextNumber, run.number() + 1);
        }
        firstNewNumber = nextNumber;
    }

    /** Ends the recovery; files are written by that executor from now on. */
    public void recovered(Executor background) {
        writer = background;
    }

    /** Deletes the files that the start had no use for. */
    public void deleteLeftovers() throws IOException {
        for (KeyRun leftover : leftovers) {
            disk.delete(leftover.path());
        }
        leftovers.clear();
    }

    /** Deletes the files that were made since; a start that is refused leaves everything as it was. */
    public void deleteNew() throws IOException {
        for (KeyRun run : view.runs) {
            if (run.number() >= firstNewNumber) {
                run.close();
                disk.delete(run.path());
            }
        }
    }

    /**
     * Adds the keys of a message.
     *
     * @param record the position of the record that is read or written; ascending
     * @param position what identifies the message: the same, or where it stood before it was copied
     */
    public void add(long record, long position, long millis, String topic, ByteBuffer payload) {
        if (config == null) {
            return;
        }
        if (view.open.count() >= config.runEntries()) {
            seal(record);
            writeSoon();
        }
        KeyBatch open = view.open;
        config.reader().keysOf(topic, payload, hash -> open.add(hash, position, millis));
        lastMillis = millis;
        lastPosition = position;
    }

    /** Nothing more comes of the log before a position: a file may end there. */
    public void seal(long end) {
        if (config == null) {
            return;
        }
        synchronized (this) {
            KeyBatch open = view.open;
            if (open.from() >= end) {
                return;
            }
            open.seal(end);
            List<KeyBatch> sealed = new ArrayList<>(view.sealed);
            if (sealed.size() < MOST_SEALED) {
                sealed.add(open);
            } else if (!incomplete) {
                incomplete = true;
                log.error(
                        "The key index cannot be written, so messages from log position={} on are not found by their keys until the next start, which builds it again: directory={}",
                        open.from(),
                        config.directory());
            }
            view = new View(view.runs, List.copyOf(sealed), new KeyBatch(end));
        }
    }

    private void writeSoon() {
        try {
            writer.execute(() -> {
                try {
                    writeSealed();
                } catch (IOException e) {
                    warn(e);
                }
            });
        } catch (RejectedExecutionException e) {
            log.debug("The store was closed; the next start reads the log from its snapshot on", e);
        }
    }

    private void warn(IOException failure) {
        if (!warned) {
            warned = true;
            log.warn("Cannot write a file of the key index; its keys stay in memory and it is tried again", failure);
        }
    }

    private void writeSealed() throws IOException {
        synchronized (writing) {
            while (config != null && !view.sealed.isEmpty()) {
                write(config, view.sealed.get(0));
            }
            warned = false;
        }
    }

    /** Small neighbours become one file, so that starts and stops do not leave ever more of them. */
    private void write(KeyIndexConfig where, KeyBatch batch) throws IOException {
        long usable = disk.usableSpace(where.directory());
        if (usable - KeyRun.bytes(where.runEntries()) < where.diskReserveBytes()) {
            throw new IOException("The disk has " + usable + " usable bytes; a file of the key index would leave less"
                    + " than the reserve of " + where.diskReserveBytes());
        }
        KeyRun.Content content =
                new KeyRun.Content(batch.from(), batch.to(), batch.oldest(), batch.newest(), batch.sorted());
        KeyRun before = view.runs.isEmpty() ? null : view.runs.get(view.runs.size() - 1);
        boolean joined = before != null && before.to() == batch.from() && fits(before, batch, where);
        if (joined && before != null) {
            KeyRun.Content first = before.content();
            content = new KeyRun.Content(
                    first.from(),
                    content.to(),
                    Math.min(first.oldest(), content.oldest()),
                    Math.max(first.newest(), content.newest()),
                    KeyBatch.merged(first.sorted(), content.sorted()));
        }
        KeyRun run = KeyRun.write(disk, where.directory(), nextNumber++, content);
        dirty.add(run);
        if (joined && before != null) {
            dirty.remove(before);
            replaced.add(before);
        }
        synchronized (this) {
            List<KeyRun> runs = new ArrayList<>(view.runs);
            if (joined) {
                runs.remove(runs.size() - 1);
            }
            runs.add(run);
            view = new View(List.copyOf(runs), view.sealed.subList(1, view.sealed.size()), view.open);
        }
    }

    private static boolean fits(KeyRun before, KeyBatch batch, KeyIndexConfig where) {
        try {
            return before.entries() + batch.count() <= where.runEntries();
        } catch (KeyIndexCorruptedException e) {
            log.debug("A damaged file of the key index is left alone; who looks into it says so", e);
            return false;
        }
    }

    /**
     * Makes everything that was {@link #seal}ed durable. Called by any thread.
     *
     * @throws IOException where that fails, so that no snapshot may be taken; it can be tried again
     */
    public void force() throws IOException {
        if (config == null) {
            return;
        }
        if (incomplete) {
            throw new IOException(
                    "The key index in " + config.directory() + " is not complete; the next start builds" + " it again");
        }
        synchronized (writing) {
            writeSealed();
            while (!dirty.isEmpty()) {
                dirty.get(0).force();
                dirty.remove(0);
            }
            disk.forceDirectory(config.directory());
        }
    }

    /**
     * A snapshot is on the disk, and the one before it still is; files that neither needs are deleted.
     *
     * @param start where the log began when it was taken
     */
    public void snapshotTaken(long start) throws IOException {
        synchronized (writing) {
            List<KeyRun> unneeded = new ArrayList<>(replacedBefore);
            replacedBefore.clear();
            replacedBefore.addAll(replaced);
            replaced.clear();
            long needed = startOfSnapshotBefore;
            startOfSnapshotBefore = start;
            synchronized (this) {
                List<KeyRun> kept = new ArrayList<>();
                for (KeyRun run : view.runs) {
                    (run.to() <= needed ? unneeded : kept).add(run);
                }
                view = new View(List.copyOf(kept), view.sealed, view.open);
            }
            for (KeyRun run : unneeded) {
                run.close();
                disk.delete(run.path());
            }
        }
    }

    /**
     * Tells the positions of a hash, newest first, until the visitor answers false; a position may come twice.
     *
     * @param fromMillis messages that were written before need not be told
     * @param toMillis the same with those written after
     * @throws KeyIndexCorruptedException where a file is damaged
     */
    public void find(long hash, long fromMillis, long toMillis, LongPredicate visitor) {
        View seen = view;
        if (!seen.open.find(hash, visitor)) {
            return;
        }
        for (int i = seen.sealed.size() - 1; i >= 0; i--) {
            if (!seen.sealed.get(i).find(hash, visitor)) {
                return;
            }
        }
        for (int i = seen.runs.size() - 1; i >= 0; i--) {
            if (!find(seen.runs.get(i), hash, fromMillis, toMillis, visitor)) {
                return;
            }
        }
    }

    private boolean find(KeyRun run, long hash, long fromMillis, long toMillis, LongPredicate visitor) {
        try {
            return run.find(hash, fromMillis, toMillis, visitor);
        } catch (KeyIndexCorruptedException e) {
            View now = view;
            if (now.runs.contains(run)) {
                throw e;
            }
            // Joined with its neighbour meanwhile, or removed with the part of the log that it covered.
            for (KeyRun other : now.runs) {
                if (other.from() <= run.from() && run.to() <= other.to()) {
                    return other.find(hash, fromMillis, toMillis, visitor);
                }
            }
            return true;
        }
    }

    /** When the newest message of the index was written, epoch milliseconds; 0 where there is none. */
    public long lastMillis() {
        return lastMillis;
    }

    /** The position of the newest message of the index, 0 where there is none. */
    public long lastPosition() {
        return lastPosition;
    }

    /** How many files there are in use. */
    public int fileCount() {
        return view.runs.size();
    }

    /** Where its files lie, {@code null} where there are none. */
    public @Nullable Path directory() {
        return config == null ? null : config.directory();
    }

    @Override
    public void close() throws IOException {
        for (KeyRun run : view.runs) {
            run.close();
        }
    }
}
