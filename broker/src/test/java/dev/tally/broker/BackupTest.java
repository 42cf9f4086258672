package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.broker.store.Appended;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.ReadResult;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {

    private static final String TOPIC = "orders";
    private static final int BYTES = 2000;

    @TempDir
    private Path directory;

    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicInteger acknowledged = new AtomicInteger();

    private Path data() {
        return directory.resolve("data");
    }

    private Broker start(Path data) {
        return Broker.start(BrokerConfig.builder(data).build());
    }

    private static String body(int number) {
        return number + "-" + "x".repeat(BYTES);
    }

    private static List<Appended> append(MessageStore store, int number) {
        ByteBuffer payload = ByteBuffer.wrap(body(number).getBytes(StandardCharsets.UTF_8));
        return store.append(List.of(new NewMessage(TOPIC, 0, 0, payload, Duration.ZERO)))
                .join();
    }

    /** One producer that sends 0, 1, 2, ... and waits for each answer. */
    private Thread produce(Broker broker) {
        Thread producer = new Thread(() -> {
            while (!stop.get()) {
                append(broker.store(), acknowledged.get());
                acknowledged.incrementAndGet();
            }
        });
        producer.start();
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> acknowledged.get() > 200);
        return producer;
    }

    private static int assertPrefix(MessageStore store) {
        int next = 0;
        while (true) {
            ReadResult result = store.read(TOPIC, 0, next, 1000, Integer.MAX_VALUE, tag -> true);
            if (result.messages().isEmpty()) {
                return next;
            }
            for (var message : result.messages()) {
                assertThat(StandardCharsets.UTF_8
                                .decode(message.payload().duplicate())
                                .toString())
                        .isEqualTo(body(next++));
            }
        }
    }

    private int startOn(Path copy) {
        try (Broker broker = start(copy)) {
            int first = assertPrefix(broker.store());
            append(broker.store(), first);
            return first;
        }
    }

    @Scenario("broker-50")
    @Test
    void aBackupOfARunningBrokerHoldsEverythingThatWasAcknowledged() throws Exception {
        List<Path> copies = new ArrayList<>();
        List<Integer> before = new ArrayList<>();
        try (Broker broker = start(data())) {
            Thread producer = produce(broker);
            for (int i = 0; i < 4; i++) {
                int reached = acknowledged.get();
                Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> acknowledged.get() > reached + 300);
                copies.add(directory.resolve("copy" + i));
                before.add(acknowledged.get());
                assertThat(broker.backup(copies.get(i))).isPositive();
            }
            stop.set(true);
            producer.join();
            assertThatThrownBy(() -> broker.backup(copies.get(0)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("exists");
        }
        for (int i = 0; i < copies.size(); i++) {
            assertThat(startOn(copies.get(i))).isBetween(before.get(i), acknowledged.get());
            assertThat(startOn(copies.get(i))).as("and the copy goes on").isGreaterThan(before.get(i));
        }
        assertThat(startOn(data())).isEqualTo(acknowledged.get());
    }

    @Scenario("broker-50")
    @Test
    void aPlainCopyOfARunningBrokersFilesStartsAsAPrefixOrIsRefused() throws Exception {
        int started = 0;
        Random random = new Random(5);
        try (Broker broker = start(data())) {
            Thread producer = produce(broker);
            for (int i = 0; i < 6; i++) {
                Path copy = directory.resolve("copy" + i);
                copyFileByFile(copy, random);
                int atMost = acknowledged.get() + 1;
                try {
                    assertThat(startOn(copy)).isLessThanOrEqualTo(atMost);
                    assertThat(startOn(copy)).isLessThanOrEqualTo(atMost + 1);
                    started++;
                } catch (BrokerStartException e) {
                    assertThat(e).hasMessageContaining(copy.toString());
                }
            }
            stop.set(true);
            producer.join();
        }
        copyFileByFile(directory.resolve("quiet"), random);
        assertThat(startOn(directory.resolve("quiet"))).isEqualTo(acknowledged.get());
        assertThat(started).isBetween(0, 6);
    }

    /** As cp -r does it, in any order of the files, with writes between any two blocks. */
    private void copyFileByFile(Path copy, Random random) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(data())) {
            files = new ArrayList<>(all.filter(Files::isRegularFile).toList());
        }
        Collections.shuffle(files, random);
        for (Path file : files) {
            Path target = copy.resolve(data().relativize(file));
            Files.createDirectories(target.getParent());
            try (InputStream in = Files.newInputStream(file);
                    OutputStream out = Files.newOutputStream(target)) {
                in.transferTo(out);
            } catch (NoSuchFileException e) {
                // A temporary file that got its name meanwhile.
                assertThat(file.toString()).endsWith(".preparing");
            }
        }
    }

    @Scenario("broker-50")
    @Test
    void aBackupThatIsNotCompleteIsRefused() throws Exception {
        try (Broker broker = start(data())) {
            IntStream.range(0, 4000).forEach(i -> append(broker.store(), i));
            broker.backup(directory.resolve("copy"));
        }
        Path log = directory.resolve("copy/log");
        List<Path> segments;
        try (Stream<Path> all = Files.list(log)) {
            segments = all.sorted().toList();
        }
        assertThat(segments).hasSizeGreaterThan(1);
        for (Path segment : segments) {
            Files.move(segment, segment.resolveSibling(segment.getFileName() + ".copying"));
        }
        for (Path segment : segments) {
            assertThatThrownBy(() -> start(directory.resolve("copy")))
                    .isInstanceOf(BrokerStartException.class)
                    .hasMessageContaining("missing");
            Files.move(segment.resolveSibling(segment.getFileName() + ".copying"), segment);
        }
        assertThat(startOn(directory.resolve("copy"))).isEqualTo(4000);
    }
}
