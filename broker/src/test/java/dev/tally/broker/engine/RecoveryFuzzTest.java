package dev.tally.broker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.tally.broker.env.ManualClock;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.log.FormatTooNewException;
import dev.tally.broker.log.LogCorruptedException;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Opens logs of arbitrary bytes: each is opened, from some prefix on the same every time, or refused by an exception that
 * says so. The budget is {@code tally.fuzz.runs}.
 */
class RecoveryFuzzTest {

    private static final int RUNS = Integer.getInteger("tally.fuzz.runs", 2000);
    private static final long SEED = Long.getLong("tally.fuzz.seed", 1L);
    private static final int HEADER = 64;
    private static final int[] EXTREMES = {0, 1, -1, 39, 40, 41, 4096, 1 << 30, Integer.MAX_VALUE, Integer.MIN_VALUE};

    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.tally.broker.log");

    @BeforeAll
    static void silence() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void speakAgain() {
        LOG.setLevel(null);
    }

    private static void fuzz(Mutation mutation) throws IOException {
        int opened = 0;
        int refused = 0;
        for (int run = 0; run < RUNS; run++) {
            long seed = SEED + run;
            Random random = new Random(seed);
            StoreFixture fixture = CrashExplorationTest.small(new SimulatedDisk(seed), new ManualClock());
            fixture.open();
            new Workload(fixture, seed).run(1 + random.nextInt(25));
            if (random.nextBoolean()) {
                fixture.store.close();
            }
            fixture.crash(Loss.NOTHING);
            List<String> files = fixture.disk.list(StoreFixture.DIRECTORY.resolve("log"));
            Path file = StoreFixture.DIRECTORY.resolve("log/" + files.get(random.nextInt(files.size())));
            ByteBuffer segment = ByteBuffer.wrap(fixture.disk.bytes(file));
            mutation.of(segment, random);
            fixture.disk.replace(file, segment.array());
            fixture.config = fixture.config.withQuarantine(random.nextInt(4) == 0);
            try {
                fixture.open();
                opened++;
                String digest = Workload.digest(fixture);
                fixture.crashAndReopen();
                assertThat(Workload.digest(fixture)).as("seed %s", seed).isEqualTo(digest);
            } catch (LogCorruptedException | FormatTooNewException e) {
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("Replay with -Dtally.fuzz.runs=1 -Dtally.fuzz.seed=" + seed, e);
            }
        }
        assertThat(opened).isPositive();
        assertThat(refused).isPositive();
    }

    @Scenario("broker-3")
    @Test
    void arbitraryBytes() throws IOException {
        fuzz((segment, random) -> {
            byte[] bytes = new byte[random.nextInt(600)];
            random.nextBytes(bytes);
            int at = HEADER + random.nextInt(segment.capacity() - HEADER - bytes.length);
            segment.put(at, bytes);
        });
    }

    @Scenario("broker-3")
    @Test
    void fieldsWithExtremeValues() throws IOException {
        fuzz((segment, random) -> {
            List<Integer> records = records(segment);
            for (int i = random.nextInt(3); i >= 0 && !records.isEmpty(); i--) {
                int record = records.get(random.nextInt(records.size()));
                int field = record + 4 * random.nextInt(14);
                if (field + 4 <= segment.capacity()) {
                    segment.putInt(field, EXTREMES[random.nextInt(EXTREMES.length)]);
                }
            }
        });
    }

    @Scenario("broker-3")
    @Test
    void wrongRecordsWithRightChecksums() throws IOException {
        fuzz((segment, random) -> {
            List<Integer> records = records(segment);
            for (int i = random.nextInt(3); i >= 0 && !records.isEmpty(); i--) {
                int record = records.get(random.nextInt(records.size()));
                int length = segment.getInt(record);
                int at = 4 + random.nextInt(length - 4);
                if (random.nextInt(6) == 0) {
                    segment.putInt(record, 40 + random.nextInt(length - 39));
                } else {
                    segment.put(record + at, (byte) random.nextInt());
                }
                seal(segment, record);
            }
        });
    }

    @Scenario("broker-3")
    @Test
    void piecesOfTheLogInOtherPlaces() throws IOException {
        fuzz((segment, random) -> {
            int length = 8 * (1 + random.nextInt(60));
            int from = HEADER + 8 * random.nextInt((segment.capacity() - HEADER - length) / 8);
            int to = HEADER + 8 * random.nextInt((segment.capacity() - HEADER - length) / 8);
            byte[] piece = new byte[length];
            segment.get(from, piece);
            segment.put(to, piece);
        });
    }

    private static List<Integer> records(ByteBuffer segment) {
        List<Integer> records = new ArrayList<>();
        int at = HEADER;
        while (at + 40 <= segment.capacity() && segment.get(at + 4) == 0x7A) {
            int length = segment.getInt(at);
            if (length < 40 || length > segment.capacity() - at) {
                break;
            }
            records.add(at);
            at += (length + 7) & -8;
        }
        return records;
    }

    private static void seal(ByteBuffer segment, int at) {
        int length = (segment.getInt(at) + 7) & -8;
        CRC32C crc = new CRC32C();
        crc.update(segment.array(), at, 12);
        crc.update(segment.array(), at + 16, length - 16);
        crc.update(ByteBuffer.allocate(16)
                .putLong(segment.getLong(16))
                .putLong(segment.getLong(24) + at)
                .flip());
        segment.putInt(at + 12, (int) crc.getValue());
    }

    private interface Mutation {
        void of(ByteBuffer segment, Random random);
    }
}
