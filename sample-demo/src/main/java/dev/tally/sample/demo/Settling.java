package dev.tally.sample.demo;

import dev.tally.sample.demo.audit.ServiceReader;
import dev.tally.sample.demo.audit.ServiceReader.BrokerStatus;
import dev.tally.sample.demo.time.Pacing;
import dev.tally.sample.demo.watch.Progress;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/**
 * Waits until no order is without its answer, no saga on its way, no half message undecided and no message without its acknowledgement: what
 * the audit then finds cannot change any more. Waits as long as there is progress.
 */
final class Settling {

    private static final Duration WITHOUT_PROGRESS = Duration.ofMinutes(1);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

    private final ServiceReader reader;
    private final Pacing pacing;
    private final Progress progress;

    Settling(ServiceReader reader, Pacing pacing, Progress progress) {
        this.reader = reader;
        this.pacing = pacing;
        this.progress = progress;
    }

    /** Returns when all is settled, or when nothing has moved for long. */
    void await(int orders) throws InterruptedException {
        long least = Long.MAX_VALUE;
        Instant lastMove = pacing.now();
        String trouble = "";
        while (Duration.between(lastMove, pacing.now()).compareTo(WITHOUT_PROGRESS) < 0) {
            try {
                // A cancelled order may be counted twice for a moment; at the end nothing is.
                int unsettled = reader.unsettledOrders().size() + Math.toIntExact(reader.openSagas());
                BrokerStatus broker = reader.broker();
                long open = unsettled + broker.undecided() + broker.lag();
                progress.show("orders settled", Math.max(0, orders - unsettled), orders, pacing.now());
                if (open == 0) {
                    return;
                }
                if (open < least) {
                    least = open;
                    lastMove = pacing.now();
                }
                trouble = "";
            } catch (IOException downJustNow) {
                trouble = ": " + downJustNow.getMessage();
            }
            pacing.pause(BETWEEN_LOOKS);
        }
        progress.note("  Nothing has moved for " + WITHOUT_PROGRESS.toSeconds()
                + " s; the audit names what is not settled" + trouble);
    }
}
