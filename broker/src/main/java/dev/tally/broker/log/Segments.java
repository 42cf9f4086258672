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

    /** All of them, oldest first; not to be changed. */
    Segment[] ordered() {
        return ordered;
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
