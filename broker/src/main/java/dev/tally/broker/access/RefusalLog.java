package dev.tally.broker.access;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs refusals: the first few of a period each with a line, then how many more there were. Who knocks a thousand times a
 * second gets the door, and no disk full of lines. Thread-safe.
 */
final class RefusalLog {

    static final int LINES = 10;
    static final Duration PERIOD = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);
    private static final int LONGEST = 64;

    private final InstantSource clock;
    private long periodStart;
    private long inPeriod;
    private long all;

    RefusalLog(InstantSource clock) {
        this.clock = clock;
        periodStart = clock.millis();
    }

    /** A request was refused. */
    synchronized void refused(InetSocketAddress remote, int code, String accessKey, String reason) {
        all++;
        long now = clock.millis();
        if (now - periodStart >= PERIOD.toMillis()) {
            if (inPeriod > LINES) {
                log.warn("More requests were refused; count={} since={}ms", inPeriod - LINES, now - periodStart);
            }
            periodStart = now;
            inPeriod = 0;
        }
        inPeriod++;
        if (inPeriod <= LINES) {
            log.warn(
                    "Request refused; remote={} code={} account={} reason={}",
                    remote,
                    code,
                    printable(accessKey),
                    printable(reason));
        }
    }

    /** Requests refused since the start. */
    synchronized long count() {
        return all;
    }

    /** What strangers send must not be able to forge lines. */
    private static String printable(String text) {
        String plain = text.replaceAll("[^\\x20-\\x7E]", "?");
        return plain.length() <= LONGEST * 2 ? plain : plain.substring(0, LONGEST * 2) + "...";
    }
}
