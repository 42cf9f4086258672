package dev.tally.benchmarks.publisher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A file of deliveries that outlives the process that is killed: each is with the kernel before it counts. Thread-safe. */
public final class DeliveryLog implements AutoCloseable {

    private static final int RECORD = 2 * Long.BYTES;

    private final Optional<FileChannel> file;

    private DeliveryLog(Optional<FileChannel> file) {
        this.file = file;
    }

    /** A delivery: the order, and when, by the machine's clock. */
    public record Delivery(long orderId, long nanos) {}

    /** Writes to the end of a file, nowhere where there is none. */
    static DeliveryLog to(Optional<Path> path) throws IOException {
        return new DeliveryLog(
                path.isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                FileChannel.open(path.get(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)));
    }

    void write(long orderId, long nanos) {
        if (file.isEmpty()) {
            return;
        }
        ByteBuffer record =
                ByteBuffer.allocate(RECORD).putLong(orderId).putLong(nanos).flip();
        try {
            var unused = file.get().write(record);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot note that order " + orderId + " was delivered", e);
        }
    }

    @Override
    public void close() throws IOException {
        if (file.isPresent()) {
            file.get().close();
        }
    }

    /** What a file holds; nothing where there is none. */
    public static List<Delivery> read(Path path) throws IOException {
        List<Delivery> all = new ArrayList<>();
        if (Files.exists(path)) {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path));
            while (bytes.remaining() >= RECORD) {
                all.add(new Delivery(bytes.getLong(), bytes.getLong()));
            }
        }
        return all;
    }
}
