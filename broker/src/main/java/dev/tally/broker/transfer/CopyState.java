package dev.tally.broker.transfer;

import dev.tally.broker.protocol.JsonBody;
import dev.tally.broker.protocol.MalformedCommandException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The file that keeps how far a copy is. It belongs to one pair of name servers and one broker of the target, and to one
 * copy at a time. Written whole to a file beside it, which then takes its place.
 */
final class CopyState implements AutoCloseable {

    private static final int FORMAT = 1;

    private final Path file;
    private final FileChannel lockChannel;
    private final String from;
    private final String to;
    private final String broker;
    private final Map<QueueState.Key, QueueState> queues = new LinkedHashMap<>();
    private String written = "";

    /**
     * Opens a file, which need not exist yet.
     *
     * @param from the source's name server
     * @param to the target's
     * @param broker the target's broker
     */
    CopyState(Path file, String from, String to, String broker) throws IOException {
        this.file = file.toAbsolutePath();
        this.from = from;
        this.to = to;
        this.broker = broker;
        this.lockChannel = FileChannel.open(
                this.file.resolveSibling(this.file.getFileName() + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        boolean opened = false;
        try {
            lock();
            if (Files.exists(this.file)) {
                load();
            }
            opened = true;
        } finally {
            if (!opened) {
                lockChannel.close();
            }
        }
    }

    private void lock() throws IOException {
        FileLock lock;
        try {
            lock = lockChannel.tryLock();
        } catch (OverlappingFileLockException e) {
            throw new CopyFailedException("Another copy works with state file " + file, e);
        }
        if (lock == null) {
            throw new CopyFailedException("Another copy works with state file " + file);
        }
    }

    private void load() throws IOException {
        try {
            JsonNode json = JsonBody.readObject(ByteBuffer.wrap(Files.readAllBytes(file)), "state file");
            int format = json.required("format").asInt();
            if (format != FORMAT) {
                throw new CopyFailedException(
                        "State file " + file + " has format " + format + "; this version knows " + FORMAT);
            }
            requirePair(
                    json.required("from").asString(),
                    json.required("to").asString(),
                    json.required("toBroker").asString());
            json.required("queues").forEach(queue -> {
                QueueState state = QueueState.from(queue);
                queues.put(state.key(), state);
            });
        } catch (MalformedCommandException | JacksonException e) {
            throw new CopyFailedException(
                    "State file " + file + " cannot be read. Nothing was copied; name another file to copy from the"
                            + " beginning",
                    e);
        }
    }

    private void requirePair(String fileFrom, String fileTo, String fileBroker) throws CopyFailedException {
        if (!fileFrom.equals(from) || !fileTo.equals(to) || !fileBroker.equals(broker)) {
            throw new CopyFailedException("State file " + file + " is of a copy from " + fileFrom + " to broker "
                    + fileBroker + " of " + fileTo + ", not from " + from + " to broker " + broker + " of " + to
                    + ". Nothing was copied; name another file");
        }
    }

    synchronized @Nullable QueueState queue(QueueState.Key key) {
        return queues.get(key);
    }

    synchronized void add(QueueState state) {
        queues.put(state.key(), state);
    }

    synchronized Collection<QueueState> queues() {
        return List.copyOf(queues.values());
    }

    /** Writes what changed; durable on return. */
    synchronized void save() throws IOException {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("format", FORMAT);
        json.put("from", from);
        json.put("to", to);
        json.put("toBroker", broker);
        json.put("queues", queues.values().stream().map(QueueState::toJson).toList());
        String text = JsonBody.text(json);
        if (text.equals(written)) {
            return;
        }
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel out = FileChannel.open(
                beside, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = JsonBody.write(json);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        written = text;
    }

    @Override
    public void close() throws IOException {
        lockChannel.close();
    }
}
