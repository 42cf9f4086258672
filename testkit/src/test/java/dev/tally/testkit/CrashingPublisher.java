package dev.tally.testkit;

import com.zaxxer.hikari.HikariDataSource;
import dev.tally.jdbc.Dialect;
import dev.tally.message.Message;
import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Capability;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A process that publishes m0, m1, ... with business rows of the same names, and stops dead at a point of the life of
 * m5, to be killed there. Its broker is a file.
 */
final class CrashingPublisher {

    static final String AT_THE_POINT = "AT THE POINT";

    enum Point {
        BEFORE_INSERT,
        BETWEEN_INSERT_AND_COMMIT,
        BETWEEN_COMMIT_AND_SEND,
        BETWEEN_SEND_AND_CONFIRMATION,
        BETWEEN_CONFIRMATION_AND_COMPLETION
    }

    private CrashingPublisher() {}

    public static void main(String[] arguments) {
        String url = arguments[0];
        Path broker = Path.of(arguments[1]);
        Point point = Point.valueOf(arguments[2]);
        HikariDataSource pool = Pools.open(url);
        OutboxSettings settings = OutboxSettings.builder()
                .instance("crashing")
                .nodeExpiry(Duration.ofHours(1))
                .completeLinger(
                        point == Point.BETWEEN_CONFIRMATION_AND_COMPLETION ? Duration.ofHours(1) : Duration.ofMillis(1))
                .build();
        OutboxNode node = new OutboxNode(
                        pool,
                        JdbcOutboxStore.create(pool, Dialect.of(pool)),
                        new FileTransport(broker, point),
                        settings,
                        InstantSource.system(),
                        new OutboxListener() {})
                .start();
        JdbcTemplate business = new JdbcTemplate(pool);
        for (int i = 0; i < 8; i++) {
            String id = "m" + i;
            boolean here = i == 5;
            node.transactions().executeWithoutResult(status -> {
                business.update("INSERT INTO business (id) VALUES (?)", id);
                if (here && point == Point.BEFORE_INSERT) {
                    stopHere();
                }
                node.prepareNow(OutboxNode.messages("k" + Integer.parseInt(id.substring(1)) % 2, id));
                if (here && point == Point.BETWEEN_INSERT_AND_COMMIT) {
                    stopHere();
                }
            });
        }
        if (point == Point.BETWEEN_CONFIRMATION_AND_COMPLETION) {
            while (FileTransport.read(broker).size() < 8) {
                Thread.onSpinWait();
            }
            stopHere();
        }
        waitToBeKilled();
    }

    private static void stopHere() {
        System.out.println(AT_THE_POINT);
        System.out.flush();
        waitToBeKilled();
    }

    private static void waitToBeKilled() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Writes the ids of messages into a file, and stops dead at its two points. */
    static final class FileTransport implements Transport {

        private final Path file;
        private final Point point;

        FileTransport(Path file, Point point) {
            this.file = file;
            this.point = point;
        }

        static List<String> read(Path file) {
            try {
                return Files.exists(file) ? Files.readAllLines(file) : List.of();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String name() {
            return "file";
        }

        @Override
        public Set<Capability> capabilities() {
            return Set.of(Capability.KEY_ORDER);
        }

        @Override
        public synchronized List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
            return messages.stream().map(this::send).toList();
        }

        private CompletableFuture<SendOutcome> send(Message message) {
            boolean here = message.id().value().equals("m5");
            if (here && point == Point.BETWEEN_COMMIT_AND_SEND) {
                stopHere();
            }
            try {
                Files.writeString(file, message.id() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException e) {
                return CompletableFuture.completedFuture(new SendOutcome.Failed(true, "file not written", e));
            }
            if (here && point == Point.BETWEEN_SEND_AND_CONFIRMATION) {
                stopHere();
            }
            return CompletableFuture.completedFuture(
                    new SendOutcome.Sent(message.id().value()));
        }

        @Override
        public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
