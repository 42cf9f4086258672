package dev.tally.transport.rocketmq;

import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A member of a group that is killed: writes the ids of what it has handled into a file before it acknowledges them.
 * Arguments: name server, topic, group, file.
 */
final class BacklogMember {

    static final String READY = "CONSUMING";

    /** Is never done here, so that its queue must not be acknowledged beyond it. */
    static final String STUCK = "key-7/3";

    private static final long WORK_MILLIS = 5;

    private BacklogMember() {}

    public static void main(String[] arguments) throws InterruptedException {
        Path handled = Path.of(arguments[3]);
        RocketMqTransport transport = new RocketMqTransport(RocketMqSettings.builder(
                        arguments[0], "backlog-member", UUID.randomUUID().toString())
                .sendTimeout(Duration.ofSeconds(20))
                .build());
        transport.subscribe(
                new Subscription(arguments[1], arguments[2], "*", 64, true, 16).withBatch(1),
                batch -> handle(batch, id -> {
                    if (id.equals(STUCK)) {
                        hang();
                    }
                    append(handled, id);
                }));
        System.out.println(READY);
        new CountDownLatch(1).await();
    }

    private static void hang() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Cannot hang on", e);
        }
    }

    private static synchronized void append(Path file, String id) {
        try {
            Files.write(
                    file,
                    (id + '\n').getBytes(StandardCharsets.UTF_8),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes 5 ms for each. */
    static List<DeliveryOutcome> handle(List<ReceivedMessage> batch, Consumer<String> handled) {
        return batch.stream()
                .map(each -> {
                    try {
                        TimeUnit.MILLISECONDS.sleep(WORK_MILLIS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return new DeliveryOutcome.Retry("interrupted");
                    }
                    handled.accept(each.message().id().value());
                    return (DeliveryOutcome) new DeliveryOutcome.Delivered();
                })
                .toList();
    }
}
