package dev.tally.broker.log;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The segments that hold records, by position. Changed by the writer's thread, read by any. */
final class Segments {

    private volatile Segment[] ordered;

    Segments(List<Segment> ordered) {
        this.ordered = ordered.toArray(new Segment[0]);
    }

    void add(Segment segment) {
        Segment[] grown = Arrays.copyOf(ordered, ordered.length + 1);
        grown[ordered.length] = segment;
        ordered = grown;
    }

    /** Where the log begins. */
    long start() {
        return ordered[0].base;
    }

    /** The one that is written. */
    Segment last() {
        Segment[] all = ordered;
        return all[all.length - 1];
    }

    /** All of them now, by position. */
    List<Segment> all() {
        return List.of(ordered);
    }

    /** Takes the segments out that end at or before a position, never the last; returns them. */
    List<Segment> dropBefore(long position) {
        Segment[] all = ordered;
        int dropped = 0;
        while (dropped < all.length - 1 && all[dropped].end() <= position) {
            dropped++;
        }
        ordered = Arrays.copyOfRange(all, dropped, all.length);
        return List.of(Arrays.copyOf(all, dropped));
    }

    /** The segment that covers a position, {@code null} where none does. */
    @Nullable Segment covering(long position) {
        Segment[] all = ordered;
        int low = 0;
        int high = all.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Segment segment = all[middle];
            if (position < segment.base) {
                high = middle - 1;
            } else if (position >= segment.end()) {
                low = middle + 1;
            } else {
                return segment;
            }
        }
        return null;
    }

    void close() throws IOException {
        for (Segment segment : ordered) {
            segment.close();
        }
    }
}
