package dev.tally.broker.engine;

import dev.tally.broker.log.LogRecord;
import dev.tally.broker.log.RecordKind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;

/** Which messages were written last before the log ended, as far as recovery scanned them. */
final class LogTail {

    private static final long MILLIS = Duration.ofSeconds(5).toMillis();
    private static final int MOST = 50_000;

    private record Written(long position, long atMillis) {}

    private final ArrayDeque<Written> written = new ArrayDeque<>();

    void add(LogRecord record) {
        if (record.kind() == RecordKind.MESSAGE || record.kind() == RecordKind.SCHEDULED) {
            written.addLast(new Written(record.position(), record.timestampMillis()));
        }
        for (Written oldest = written.peekFirst();
                oldest != null && (written.size() > MOST || isOld(oldest, record));
                oldest = written.peekFirst()) {
            written.removeFirst();
        }
    }

    private static boolean isOld(Written oldest, LogRecord newest) {
        // The wall clock may have gone back between two records: only what is older counts.
        return newest.timestampMillis() - oldest.atMillis > MILLIS;
    }

    List<Long> positions() {
        return written.stream().map(Written::position).toList();
    }
}
