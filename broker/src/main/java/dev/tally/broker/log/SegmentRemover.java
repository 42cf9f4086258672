package dev.tally.broker.log;

import dev.tally.broker.env.Disk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes segment files in the background, the oldest first, and each durably before the next: so what a crash leaves is
 * always the log from some segment on. Leftovers are deleted after the next start.
 *
 * <p>Thread-safe. While somebody copies files, nothing is deleted, and everything after it.
 */
final class SegmentRemover {

    private static final Logger log = LoggerFactory.getLogger(SegmentRemover.class);

    private final LogConfig config;
    private final Disk disk;
    private final Executor background;
    private final List<Segment> postponed = new ArrayList<>();
    private int pauses;

    SegmentRemover(LogConfig config, Disk disk, Executor background) {
        this.config = config;
        this.disk = disk;
        this.background = background;
    }

    synchronized void remove(List<Segment> dropped) {
        if (pauses > 0) {
            postponed.addAll(dropped);
        } else if (!dropped.isEmpty()) {
            background.execute(() -> delete(dropped));
        }
    }

    /** Segments that are removed from now on keep their files until {@link #resume}. */
    synchronized void pause() {
        pauses++;
    }

    synchronized void resume() {
        pauses--;
        if (pauses == 0) {
            List<Segment> dropped = List.copyOf(postponed);
            postponed.clear();
            try {
                remove(dropped);
            } catch (RejectedExecutionException e) {
                log.debug("The log was closed; the next start deletes what is left of its removed segments", e);
            }
        }
    }

    private void delete(List<Segment> dropped) {
        Segment at = dropped.get(0);
        try {
            for (Segment segment : dropped) {
                at = segment;
                segment.close();
                disk.delete(segment.path);
                disk.forceDirectory(config.directory());
            }
            log.info("Removed log segments: count={} upTo={}", dropped.size(), at.end());
        } catch (IOException e) {
            log.warn(
                    "Cannot delete log file {}; it is not used any more, and tried again at the next start",
                    at.path,
                    e);
        }
    }
}
