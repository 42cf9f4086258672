package dev.tally.sample.demo.place;

import static java.util.stream.Collectors.groupingBy;

import dev.tally.sample.demo.time.Pacing;
import dev.tally.sample.demo.workload.Cancellation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Asks for cancellations: each at its moment, and what came too early again at the end. Thread-safe. */
final class Cancelling {

    private static final Duration BEFORE_RETRY = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final OrderClient client;
    private final Pacing pacing;
    private final PlacingLedger ledger;
    private final Map<Integer, List<Cancellation>> due;
    private final Queue<String> putOff = new ConcurrentLinkedQueue<>();

    Cancelling(OrderClient client, Pacing pacing, PlacingLedger ledger, List<Cancellation> cancellations) {
        this.client = client;
        this.pacing = pacing;
        this.ledger = ledger;
        this.due = cancellations.stream().collect(groupingBy(Cancellation::after));
    }

    /** Asks for what is due once {@code count} orders are placed; does not wait. */
    void after(int count) throws InterruptedException {
        for (Cancellation cancellation : due.getOrDefault(count, List.of())) {
            CancelAnswer answer = client.cancel(cancellation.orderId());
            if (!note(cancellation.orderId(), answer)) {
                putOff.add(cancellation.orderId());
            }
        }
    }

    /** Asks for the rest, until each is answered; all orders are placed. */
    void rest() throws InterruptedException {
        Instant deadline = pacing.now().plus(PATIENCE);
        for (String orderId = putOff.poll(); orderId != null; orderId = putOff.poll()) {
            CancelAnswer answer = client.cancel(orderId);
            while (answer == CancelAnswer.LATER && pacing.now().isBefore(deadline)) {
                pacing.pause(BEFORE_RETRY);
                answer = client.cancel(orderId);
            }
            if (answer == CancelAnswer.LATER) {
                ledger.cancellationUnanswered(orderId);
            } else {
                // Without an order by now there will be none: the service has refused all its lines.
                note(orderId, answer == CancelAnswer.NO_ORDER ? CancelAnswer.STANDS : answer);
            }
        }
    }

    private boolean note(String orderId, CancelAnswer answer) {
        switch (answer) {
            case ACCEPTED -> ledger.cancelled(orderId);
            case STANDS -> ledger.notCancelled(orderId);
            case NO_ORDER, LATER -> {
                return false;
            }
        }
        return true;
    }
}
