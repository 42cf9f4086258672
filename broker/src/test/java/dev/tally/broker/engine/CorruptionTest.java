package dev.tally.broker.engine;

import static dev.tally.broker.engine.StoreFixture.DIRECTORY;
import static dev.tally.broker.engine.StoreFixture.SEGMENT_0;
import static dev.tally.broker.engine.StoreFixture.TOPIC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.log.FormatTooNewException;
import dev.tally.broker.log.FormatTooOldException;
import dev.tally.broker.log.LogCorruptedException;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class CorruptionTest {

    private static final Path SEGMENT_1 = DIRECTORY.resolve("log/00000000000000016384.log");
    private static final Path SEGMENT_2 = DIRECTORY.resolve("log/00000000000000032768.log");
    private static final Path SEGMENT_3 = DIRECTORY.resolve("log/00000000000000049152.log");

    private final StoreFixture fixture = StoreFixture.opened();

    private void assertRefused(Path file) throws IOException {
        Map<Path, Integer> before = fixture.disk.fingerprint();
        assertThatThrownBy(fixture::open)
                .isInstanceOfSatisfying(
                        LogCorruptedException.class, e -> assertThat(e.file()).isEqualTo(file.toString()))
                .hasMessageContaining(file.toString());
        assertThat(fixture.disk.fingerprint()).as("nothing was changed").isEqualTo(before);
    }

    @Scenario("broker-4")
    @Test
    void refusesEveryFlippedBitOfAcknowledgedRecords() throws IOException {
        long first = fixture.append("first message").position();
        long half = fixture.prepare("a half message");
        fixture.commit(half);
        long end = fixture.append("last").position();
        idleSecond();
        SimulatedDisk good = fixture.disk.afterCrash(Loss.EVERYTHING, 1);

        for (long at = 0; at < end + 8; at++) {
            for (int bit = 0; bit < 8; bit++) {
                fixture.disk = good.afterCrash(Loss.EVERYTHING, 1);
                fixture.disk.damage(SEGMENT_0, at, 1 << bit);
                Throwable refusal = catchThrowable(fixture::open);
                assertThat(refusal)
                        .as("bit %s of byte %s", bit, at)
                        .isInstanceOfAny(LogCorruptedException.class, FormatTooNewException.class);
            }
        }
        fixture.disk = good.afterCrash(Loss.EVERYTHING, 1);
        fixture.disk.damage(SEGMENT_0, first + 50, 4);
        assertThatThrownBy(fixture::open)
                .hasMessageContaining(SEGMENT_0.toString())
                .hasMessageContaining("offset " + first + ":");
        assertRefused(SEGMENT_0);
    }

    private void idleSecond() {
        fixture.clock.advance(Duration.ofSeconds(1));
        fixture.store.tick();
    }

    @Scenario("broker-4")
    @Test
    void neverHandsOutAlteredBytesOfRecordsThatASnapshotSparesTheStart() throws IOException {
        long position = fixture.append("good").position();
        fixture.append("other");
        fixture.store.close();
        fixture.disk.damage(SEGMENT_0, position + 60, 1);
        fixture.crashAndReopen();

        assertThatThrownBy(fixture::visible)
                .isInstanceOf(LogCorruptedException.class)
                .hasMessageContaining(SEGMENT_0.toString());
        assertThat(fixture.store.messageAt(position)).isNull();
    }

    @Scenario("broker-4")
    @Test
    void neverHandsOutAlteredBytes() throws IOException {
        long position = fixture.append("good").position();
        fixture.append("other");
        fixture.disk.damage(SEGMENT_0, position + 60, 1);

        assertThatThrownBy(fixture::visible)
                .isInstanceOf(LogCorruptedException.class)
                .hasMessageContaining(SEGMENT_0.toString());
        assertThat(fixture.store.messageAt(position)).isNull();
        assertThat(fixture.store.read(TOPIC, 0, 1, 1, 99, tag -> true).messages())
                .hasSize(1);
    }

    @Scenario("broker-4")
    @Test
    void anIdleSecondProtectsTheLastBatchToo() throws IOException {
        long position = fixture.append("last").position();
        idleSecond();
        fixture.disk.damage(SEGMENT_0, position + 60, 1);
        fixture.crash(Loss.EVERYTHING);

        assertRefused(SEGMENT_0);
    }

    @Scenario("broker-3")
    @Test
    void clearsATornTailAndReportsIt() throws IOException {
        long torn = fixture.append("kept").position() + 128;
        byte[] bytes = fixture.disk.bytes(SEGMENT_0);
        for (int length : new int[] {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 39, 40, 41, 1 << 20, 17}) {
            ByteBuffer garbage = ByteBuffer.wrap(bytes);
            garbage.putInt((int) torn, length).put((int) torn + 4, (byte) 0x7A);
            garbage.put((int) torn + 5, (byte) 16).put((int) torn + 90, (byte) 77);
            fixture.disk.replace(SEGMENT_0, bytes);
            fixture.crash(Loss.EVERYTHING);
            fixture.open();

            assertThat(fixture.store.recovery().tornBytes()).isPositive();
            assertThat(fixture.visible()).containsExactly("kept");
            fixture.crashAndReopen();
            assertThat(fixture.store.recovery().tornBytes()).isZero();
            torn = fixture.store.recovery().end() + 128;
            bytes = fixture.disk.bytes(SEGMENT_0);
        }
        assertThat(fixture.append("next").queueOffset()).isEqualTo(1);
    }

    private void fillFourSegments() {
        for (int i = 0; i < 40; i++) {
            fixture.append(i + "x".repeat(1000));
        }
        fixture.crash(Loss.EVERYTHING);
    }

    @Scenario("broker-6")
    @Test
    void refusesAMissingSegmentByName() throws IOException {
        fillFourSegments();
        SimulatedDisk good = fixture.disk;
        assertThat(good.exists(SEGMENT_3)).isTrue();
        for (Path lost : List.of(SEGMENT_0, SEGMENT_1, SEGMENT_2)) {
            fixture.disk = good.afterCrash(Loss.EVERYTHING, 1);
            fixture.disk.lose(lost);
            assertRefused(lost);
        }
        fixture.disk = good.afterCrash(Loss.EVERYTHING, 1);
        fixture.disk.lose(SEGMENT_2);
        fixture.disk.lose(SEGMENT_3);
        assertRefused(SEGMENT_2);
        fixture.disk = good.afterCrash(Loss.EVERYTHING, 1);
        for (Path lost : List.of(SEGMENT_0, SEGMENT_1, SEGMENT_2, SEGMENT_3)) {
            fixture.disk.lose(lost);
        }
        assertRefused(DIRECTORY.resolve("log"));
    }

    @Scenario("broker-6")
    @Test
    void refusesATruncatedSwappedForeignOrOldSegment() throws IOException {
        fillFourSegments();
        SimulatedDisk good = fixture.disk;
        byte[] second = good.bytes(SEGMENT_1);
        byte[] old = Arrays.copyOf(Arrays.copyOf(second, 4000), second.length);
        StoreFixture other = new StoreFixture(new SimulatedDisk(5), fixture.clock);
        other.config = fixture.config;
        other.fillForeign();

        for (byte[] replacement : List.of(
                Arrays.copyOf(second, 5000),
                new byte[0],
                Arrays.copyOf(second, 30),
                good.bytes(SEGMENT_2),
                other.disk.bytes(SEGMENT_1),
                old)) {
            fixture.disk = good.afterCrash(Loss.EVERYTHING, 1);
            fixture.disk.replace(SEGMENT_1, replacement);
            assertRefused(SEGMENT_1);
        }
    }

    @Test
    void writesTheFormatFileAgainWhenItIsGoneOrDamaged() throws IOException {
        fixture.append("a");
        Path format = DIRECTORY.resolve(StoreDirectory.FORMAT_FILE);
        byte[] good = fixture.disk.bytes(format);
        for (byte[] bad : List.of(new byte[0], "garbage".getBytes(StandardCharsets.US_ASCII))) {
            fixture.crash(Loss.EVERYTHING);
            fixture.disk.replace(format, bad);
            fixture.open();
            assertThat(fixture.visible()).containsExactly("a");
            assertThat(fixture.disk.bytes(format)).isEqualTo(good);
        }
        fixture.crash(Loss.EVERYTHING);
        fixture.disk.lose(format);
        fixture.open();
        assertThat(fixture.visible()).containsExactly("a");
        assertThat(fixture.disk.bytes(format)).isEqualTo(good);
    }

    @Scenario("broker-49")
    @Test
    void refusesADirectoryOfANewerVersionUntouched() throws IOException {
        fixture.append("a");
        fixture.crash(Loss.EVERYTHING);
        SimulatedDisk good = fixture.disk;

        fixture.disk = good.afterCrash(Loss.EVERYTHING, 1);
        fixture.disk.replace(
                DIRECTORY.resolve(StoreDirectory.FORMAT_FILE),
                "tally-broker-store 3\n".getBytes(StandardCharsets.US_ASCII));
        assertTooNew();

        fixture.disk = good.afterCrash(Loss.EVERYTHING, 1);
        fixture.disk.replace(SEGMENT_0, withSegmentVersion(good.bytes(SEGMENT_0), 3));
        assertTooNew();
    }

    @Test
    void refusesADirectoryOfTheUnreleasedFirstFormatUntouched() throws IOException {
        fixture.append("a");
        fixture.crash(Loss.EVERYTHING);
        SimulatedDisk good = fixture.disk;

        fixture.disk = good.afterCrash(Loss.EVERYTHING, 1);
        fixture.disk.replace(
                DIRECTORY.resolve(StoreDirectory.FORMAT_FILE),
                "tally-broker-store 1\n".getBytes(StandardCharsets.US_ASCII));
        assertTooOld();

        fixture.disk = good.afterCrash(Loss.EVERYTHING, 1);
        fixture.disk.replace(SEGMENT_0, withSegmentVersion(good.bytes(SEGMENT_0), 1));
        assertTooOld();
    }

    private void assertTooOld() throws IOException {
        Map<Path, Integer> before = fixture.disk.fingerprint();
        assertThatThrownBy(fixture::open)
                .isInstanceOf(FormatTooOldException.class)
                .hasMessageContaining("another data directory");
        assertThat(fixture.disk.fingerprint()).isEqualTo(before);
    }

    private static byte[] withSegmentVersion(byte[] bytes, int version) {
        ByteBuffer segment = ByteBuffer.wrap(bytes);
        segment.putInt(8, version);
        CRC32C crc = new CRC32C();
        crc.update(segment.array(), 0, 60);
        segment.putInt(60, (int) crc.getValue());
        return bytes;
    }

    @Scenario("broker-49")
    @Test
    void refusesARecordOfAKindOrVersionThatItDoesNotKnow() throws IOException {
        int position = (int) fixture.append("a").position();
        fixture.append("b");
        fixture.crash(Loss.EVERYTHING);
        SimulatedDisk good = fixture.disk;
        for (int field : new int[] {5, 6}) {
            fixture.disk = good.afterCrash(Loss.EVERYTHING, 1);
            ByteBuffer segment = ByteBuffer.wrap(good.bytes(SEGMENT_0));
            segment.put(position + field, (byte) 99);
            seal(segment, position);
            fixture.disk.replace(SEGMENT_0, segment.array());
            assertTooNew();
        }
    }

    private static void seal(ByteBuffer segment, int position) {
        int length = (segment.getInt(position) + 7) & -8;
        CRC32C crc = new CRC32C();
        crc.update(segment.array(), position, 12);
        crc.update(segment.array(), position + 16, length - 16);
        crc.update(ByteBuffer.allocate(16)
                .putLong(segment.getLong(16))
                .putLong(position)
                .flip());
        segment.putInt(position + 12, (int) crc.getValue());
    }

    private void assertTooNew() throws IOException {
        Map<Path, Integer> before = fixture.disk.fingerprint();
        assertThatThrownBy(fixture::open)
                .isInstanceOf(FormatTooNewException.class)
                .hasMessageContaining("newer version");
        assertThat(fixture.disk.fingerprint()).isEqualTo(before);
    }
}
