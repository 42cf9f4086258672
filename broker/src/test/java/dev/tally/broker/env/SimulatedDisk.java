package dev.tally.broker.env;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A disk in memory that remembers what was forced. Every change is a step; a crash can be set for any of them, and what
 * the next process finds is one of the states that a real disk may be in.
 */
public final class SimulatedDisk implements Disk {

    public static final int BLOCK = 512;

    /** What a crash takes of what was not forced. */
    public enum Loss {
        /** Nothing: the process was killed, the page cache lives on. */
        NOTHING,
        /** Everything. */
        EVERYTHING,
        /** Any subset of blocks, and any suffix of name changes. */
        ANY
    }

    /** Which operation a failure is injected into. */
    public enum Operation {
        WRITE,
        FORCE,
        OTHER
    }

    private static final class Content {
        byte[] current = new byte[0];
        byte[] forced = new byte[0];
        final BitSet dirty = new BitSet();
    }

    private interface NameChange {
        void applyTo(Map<Path, Content> names);
    }

    private final Map<Path, Content> names = new TreeMap<>();
    private final Map<Path, Content> forcedNames = new TreeMap<>();
    private final List<NameChange> unforcedChanges = new ArrayList<>();
    private final Set<Path> locked = new HashSet<>();
    private final Random random;
    private int steps;
    private int crashAtStep = Integer.MAX_VALUE;
    private int crashAtByte = -1;
    private boolean crashed;
    private int failAfter = -1;
    private Operation failing = Operation.OTHER;
    private long usableSpace = Long.MAX_VALUE;
    private long capacity = Long.MAX_VALUE;
    private Path failWhenCreated;
    private Runnable whileForcing = () -> {};
    private int blocksTogether = 1;
    public int forces;
    public long writtenBytes;

    public SimulatedDisk(long seed) {
        random = new Random(seed);
    }

    /** Lets a power cut keep or lose that many bytes together, a multiple of 512. */
    public SimulatedDisk blockBytes(int bytes) {
        blocksTogether = bytes / BLOCK;
        return this;
    }

    /** Crashes in the middle of the step of that number, counted from 1; a write is torn at a random byte. */
    public SimulatedDisk crashAtStep(int step) {
        crashAtStep = step;
        return this;
    }

    /** Crashes in the given step, a write, when that many of its bytes were written. */
    public SimulatedDisk crashAtByte(int step, int bytes) {
        crashAtStep = step;
        crashAtByte = bytes;
        return this;
    }

    public int steps() {
        return steps;
    }

    public boolean crashed() {
        return crashed;
    }

    /** Lets one operation fail, the n-th of its kind from now, 0 for the next; those after it succeed again. */
    public void failOnce(Operation operation, int skip) {
        failing = operation;
        failAfter = skip;
    }

    /** Lets the first write to that file fail, once it is created. */
    public void failWhenCreated(Path file) {
        failWhenCreated = file;
    }

    /** What happens while the disk takes its time to force; without locks of the disk. */
    public void whileForcing(Runnable meanwhile) {
        whileForcing = meanwhile;
    }

    public void usableSpace(long bytes) {
        usableSpace = bytes;
    }

    /** The size of the disk: what its files leave of it is usable. */
    public void capacity(long bytes) {
        capacity = bytes;
    }

    /** What a process finds that starts after a crash now. */
    public SimulatedDisk afterCrash(Loss loss, long seed) {
        SimulatedDisk next = new SimulatedDisk(seed).blockBytes(blocksTogether * BLOCK);
        Map<Path, Content> surviving = new TreeMap<>(forcedNames);
        int changes = loss == Loss.NOTHING
                ? unforcedChanges.size()
                : loss == Loss.EVERYTHING ? 0 : next.random.nextInt(unforcedChanges.size() + 1);
        unforcedChanges.subList(0, changes).forEach(change -> change.applyTo(surviving));
        Map<Content, Content> copies = new IdentityHashMap<>();
        surviving.forEach((path, content) -> {
            Content copy = copies.computeIfAbsent(content, c -> survivor(c, loss, blocksTogether, next.random));
            next.names.put(path, copy);
            next.forcedNames.put(path, copy);
        });
        return next;
    }

    private static Content survivor(Content content, Loss loss, int blocksTogether, Random random) {
        Content copy = new Content();
        boolean grown = loss == Loss.NOTHING || (loss == Loss.ANY && random.nextBoolean());
        byte[] bytes = grown ? content.current.clone() : Arrays.copyOf(content.forced, content.forced.length);
        if (loss != Loss.NOTHING) {
            int group = -1;
            boolean kept = false;
            for (int block = content.dirty.nextSetBit(0); block >= 0; block = content.dirty.nextSetBit(block + 1)) {
                if (block / blocksTogether != group) {
                    group = block / blocksTogether;
                    kept = loss == Loss.ANY && random.nextBoolean();
                }
                for (int at = block * BLOCK; at < Math.min((block + 1) * BLOCK, bytes.length); at++) {
                    byte old = at < content.forced.length ? content.forced[at] : 0;
                    bytes[at] = kept ? content.current[at] : old;
                }
            }
        }
        copy.current = bytes;
        if (loss == Loss.NOTHING) {
            // Still only in the page cache: a power cut after the restart may take it.
            copy.forced = content.forced.clone();
            copy.dirty.or(content.dirty);
        } else {
            copy.forced = bytes.clone();
        }
        return copy;
    }

    private void step(Operation operation) throws IOException {
        if (crashed) {
            throw new IOException("The machine has crashed");
        }
        steps++;
        if (operation == failing && failAfter >= 0 && failAfter-- == 0) {
            throw new IOException("Injected failure of " + operation);
        }
        if (steps == crashAtStep) {
            crashed = true;
            if (operation != Operation.WRITE) {
                throw new IOException("The machine crashes at step " + steps);
            }
        }
    }

    private Content content(Path file) throws IOException {
        Content content = names.get(file);
        if (content == null) {
            throw new FileNotFoundException(file.toString());
        }
        return content;
    }

    private void change(NameChange change) {
        change.applyTo(names);
        unforcedChanges.add(change);
    }

    @Override
    public synchronized void createDirectories(Path directory) {}

    @Override
    public synchronized List<String> list(Path directory) {
        return names.keySet().stream()
                .filter(path -> directory.equals(path.getParent()))
                .map(path -> path.getFileName().toString())
                .sorted()
                .toList();
    }

    @Override
    public synchronized boolean exists(Path file) {
        return names.containsKey(file);
    }

    @Override
    public synchronized DiskFile create(Path file) throws IOException {
        step(Operation.OTHER);
        if (names.containsKey(file)) {
            throw new IOException("exists: " + file);
        }
        if (file.equals(failWhenCreated)) {
            failWhenCreated = null;
            failOnce(Operation.WRITE, 0);
        }
        Content content = new Content();
        change(map -> map.put(file, content));
        return new OpenFile(content);
    }

    @Override
    public synchronized DiskFile open(Path file) throws IOException {
        return new OpenFile(content(file));
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        step(Operation.OTHER);
        Content content = content(from);
        change(map -> {
            map.remove(from);
            map.put(to, content);
        });
    }

    @Override
    public synchronized void delete(Path file) throws IOException {
        if (names.containsKey(file)) {
            step(Operation.OTHER);
            change(map -> map.remove(file));
        }
    }

    @Override
    public synchronized void forceDirectory(Path directory) throws IOException {
        step(Operation.OTHER);
        unforcedChanges.forEach(change -> change.applyTo(forcedNames));
        unforcedChanges.clear();
    }

    @Override
    public synchronized DirectoryLock lock(Path directory) throws IOException {
        if (!locked.add(directory)) {
            throw new DirectoryLockedException(directory, "4711");
        }
        return () -> locked.remove(directory);
    }

    @Override
    public synchronized long usableSpace(Path directory) {
        long used = 0;
        for (Content content : names.values()) {
            used += content.current.length;
        }
        return Math.min(usableSpace, capacity - used);
    }

    /** The bytes of a file, to be damaged by a test; changes count as forced. */
    public synchronized void damage(Path file, long offset, int mask) throws IOException {
        Content content = content(file);
        content.current[(int) offset] ^= (byte) mask;
        if (offset < content.forced.length) {
            content.forced[(int) offset] = content.current[(int) offset];
        }
    }

    public synchronized byte[] bytes(Path file) throws IOException {
        return content(file).current.clone();
    }

    public synchronized void replace(Path file, byte[] bytes) {
        Content content = new Content();
        content.current = bytes.clone();
        content.forced = bytes.clone();
        names.put(file, content);
        forcedNames.put(file, content);
    }

    public synchronized void lose(Path file) {
        names.remove(file);
        forcedNames.remove(file);
    }

    public synchronized Map<Path, Integer> fingerprint() {
        Map<Path, Integer> hashes = new HashMap<>();
        names.forEach((path, content) -> hashes.put(path, Arrays.hashCode(content.current)));
        return hashes;
    }

    private final class OpenFile implements DiskFile {

        private final Content content;

        OpenFile(Content content) {
            this.content = content;
        }

        @Override
        public long size() {
            synchronized (SimulatedDisk.this) {
                return content.current.length;
            }
        }

        @Override
        public ByteBuffer read(long position, int length) {
            synchronized (SimulatedDisk.this) {
                int from = (int) Math.min(position, content.current.length);
                int to = (int) Math.min((long) from + length, content.current.length);
                return ByteBuffer.wrap(Arrays.copyOfRange(content.current, from, to))
                        .asReadOnlyBuffer();
            }
        }

        @Override
        public void write(long position, ByteBuffer... sources) throws IOException {
            synchronized (SimulatedDisk.this) {
                int total = 0;
                for (ByteBuffer source : sources) {
                    total += source.remaining();
                }
                byte[] bytes = new byte[total];
                int at = 0;
                for (ByteBuffer source : sources) {
                    int length = source.remaining();
                    source.get(bytes, at, length);
                    at += length;
                }
                try {
                    step(Operation.WRITE);
                } catch (IOException e) {
                    if (!crashed) {
                        put((int) position, bytes, random.nextInt(total + 1));
                    }
                    throw e;
                }
                if (crashed) {
                    put((int) position, bytes, crashAtByte >= 0 ? crashAtByte : random.nextInt(total + 1));
                    throw new IOException("The machine crashes at step " + steps);
                }
                put((int) position, bytes, total);
                writtenBytes += total;
            }
        }

        private void put(int position, byte[] bytes, int length) {
            if (length == 0) {
                return;
            }
            if (position + length > content.current.length) {
                content.current = Arrays.copyOf(content.current, position + length);
            }
            System.arraycopy(bytes, 0, content.current, position, length);
            content.dirty.set(position / BLOCK, (position + length - 1) / BLOCK + 1);
        }

        @Override
        public void force(boolean metadata) throws IOException {
            whileForcing.run();
            synchronized (SimulatedDisk.this) {
                step(Operation.FORCE);
                forces++;
                content.forced = content.current.clone();
                content.dirty.clear();
            }
        }

        @Override
        public void close() {}
    }
}
