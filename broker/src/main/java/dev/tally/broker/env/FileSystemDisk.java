package dev.tally.broker.env;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The machine's file system.
 *
 * @since 0.1
 */
public final class FileSystemDisk implements Disk {

    static final String LOCK_FILE = "lock";

    /**
     * The directories that this JVM has locked. Static, because a POSIX lock belongs to the process and is lost as soon
     * as <em>any</em> descriptor of the file is closed: a second attempt in the same JVM must not even open the file.
     */
    private static final Set<Path> LOCKED_HERE = new HashSet<>();

    /** A view of the machine's file system; instances do not differ. */
    public FileSystemDisk() {}

    @Override
    public void createDirectories(Path directory) throws IOException {
        Path parent = directory.toAbsolutePath().getParent();
        if (Files.isDirectory(directory) || parent == null) {
            return;
        }
        createDirectories(parent);
        Files.createDirectories(directory);
        // A new directory is lost in a power cut unless its name is forced.
        forceDirectory(parent);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @Override
    public boolean exists(Path file) {
        return Files.exists(file);
    }

    @Override
    public DiskFile create(Path file) throws IOException {
        return new ChannelFile(
                file,
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                ByteBuffer.allocate(0));
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            // Mapped here and not at the first read: map() on an interrupted thread would close the channel.
            return new ChannelFile(file, channel, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public long usableSpace(Path directory) throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }

    @Override
    public DirectoryLock lock(Path directory) throws IOException {
        Path key = directory.toRealPath();
        String ownPid = Long.toString(ProcessHandle.current().pid());
        synchronized (LOCKED_HERE) {
            if (LOCKED_HERE.contains(key)) {
                throw new DirectoryLockedException(directory, ownPid + " (this process)");
            }
            FileChannel channel = lockFile(directory, key.resolve(LOCK_FILE), ownPid);
            LOCKED_HERE.add(key);
            return () -> {
                synchronized (LOCKED_HERE) {
                    if (LOCKED_HERE.remove(key)) {
                        channel.close();
                    }
                }
            };
        }
    }

    private static FileChannel lockFile(Path directory, Path file, String ownPid) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (tryLock(channel) == null) {
                throw new DirectoryLockedException(directory, readOwner(channel));
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((ownPid + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String readOwner(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(32);
        channel.read(bytes, 0);
        String owner = StandardCharsets.US_ASCII.decode(bytes.flip()).toString().strip();
        return owner.isEmpty() ? "unknown" : owner;
    }

    /** Written through the channel, read through a mapping: reading then survives interrupts and needs no system call. */
    private static final class ChannelFile implements DiskFile {

        private final Path path;
        private final FileChannel channel;
        private final ByteBuffer mapped;

        ChannelFile(Path path, FileChannel channel, ByteBuffer mapped) {
            this.path = path;
            this.channel = channel;
            this.mapped = mapped;
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public ByteBuffer read(long position, int length) throws IOException {
            if (position < 0 || length < 0) {
                throw new IOException("Cannot read " + path + " at offset " + position + ", length " + length);
            }
            int from = (int) Math.min(position, mapped.limit());
            return mapped.slice(from, Math.min(length, mapped.limit() - from));
        }

        @Override
        public void write(long position, ByteBuffer... sources) throws IOException {
            channel.position(position);
            long remaining = 0;
            for (ByteBuffer source : sources) {
                remaining += source.remaining();
            }
            while (remaining > 0) {
                remaining -= sources.length == 1 ? channel.write(sources[0]) : channel.write(sources);
            }
        }

        @Override
        public void force(boolean metadata) throws IOException {
            channel.force(metadata);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
