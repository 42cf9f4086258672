package dev.tally.broker.log;

import dev.tally.broker.env.InlineWorkers;
import dev.tally.broker.env.ManualClock;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.store.StoreRejectedException;
import dev.tally.broker.store.StoreUnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A bare log of text records on a simulated disk. */
final class LogFixture {

    static final Path DIRECTORY = Path.of("/log");

    final ManualClock clock = new ManualClock();
    SimulatedDisk disk = new SimulatedDisk(1);
    InlineWorkers workers = new InlineWorkers();
    LogConfig config = new LogConfig(DIRECTORY, 4096, 4096, 64 * 1024, 1 << 20, 0, null);
    List<String> recovered = new ArrayList<>();
    List<Long> starts = new ArrayList<>();
    CommitLog log;

    static LogFixture opened() {
        LogFixture fixture = new LogFixture();
        fixture.open(null);
        return fixture;
    }

    static Path segment(long base) {
        return DIRECTORY.resolve(Segment.nameOf(base));
    }

    void open(@Nullable LogPoint from) {
        workers = new InlineWorkers();
        recovered = new ArrayList<>();
        starts = new ArrayList<>();
        try {
            log = CommitLog.open(config, disk, clock, new Random(7), workers, visitor(), from);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RecordVisitor visitor() {
        return new RecordVisitor() {
            @Override
            public void recovered(LogRecord record) {
                recovered.add(
                        StandardCharsets.UTF_8.decode(record.body().duplicate()).toString());
            }

            @Override
            public void startsAt(long position) {
                starts.add(position);
            }
        };
    }

    void crashAndReopen(@Nullable LogPoint from) {
        disk = disk.afterCrash(Loss.EVERYTHING, 3);
        open(from);
    }

    CompletableFuture<Long> submit(String text) {
        return submit(text, true);
    }

    CompletableFuture<Long> submit(String text, boolean waitsForForce) {
        CompletableFuture<Long> answer = new CompletableFuture<>();
        RecordDraft draft = new RecordDraft(RecordKind.MESSAGE, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        log.submit(new Submission() {
            @Override
            public int bytes() {
                return draft.bytes();
            }

            @Override
            public boolean essential() {
                return false;
            }

            @Override
            public boolean waitsForForce() {
                return waitsForForce;
            }

            @Override
            public List<RecordDraft> plan() {
                return List.of(draft);
            }

            @Override
            public void durable(long[] positions, long timestampMillis) {
                answer.complete(positions[0]);
            }

            @Override
            public void rejected(StoreRejectedException reason) {
                answer.completeExceptionally(reason);
            }

            @Override
            public void unknown(StoreUnavailableException reason) {
                answer.completeExceptionally(reason);
            }
        });
        return answer;
    }

    long append(String text) {
        return submit(text).join();
    }

    LogPoint point() {
        List<LogPoint> points = new ArrayList<>();
        log.atPoint(points::add).join();
        return points.get(0);
    }
}
