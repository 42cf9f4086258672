package dev.tally.sample.demo.place;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;

import dev.tally.sample.demo.time.Pacing;
import dev.tally.sample.demo.workload.Cancellation;
import dev.tally.sample.demo.workload.NewOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Places orders, in turn by the service's ways, until each is answered: an unanswered order is sent again with its id.
 * An order with refused lines is sent again without them. Some are cancelled soon after. Progress can be read from any thread.
 *
 * @since 0.1
 */
public final class Placing {

    private static final Duration BEFORE_RETRY = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final OrderClient client;
    private final Pacing pacing;
    private final List<NewOrder> orders;
    private final PlacingLedger ledger = new PlacingLedger();
    private final Cancelling cancelling;
    private final AtomicInteger next = new AtomicInteger();

    /** Placing {@code orders}, and cancelling some of them. */
    public Placing(OrderClient client, Pacing pacing, List<NewOrder> orders, List<Cancellation> cancellations) {
        this.client = client;
        this.pacing = pacing;
        this.orders = orders;
        this.cancelling = new Cancelling(client, pacing, ledger, cancellations);
    }

    /** How many orders there are. */
    public int total() {
        return orders.size();
    }

    /** How many are done with. */
    public int done() {
        return ledger.done();
    }

    /** What came of those that are done with. */
    public Placed placed() {
        return ledger.placed();
    }

    /** Places all of them, {@code threads} at a time, and returns when the last is done with. */
    public void run(ExecutorService pool, int threads) throws InterruptedException, ExecutionException {
        List<Future<?>> workers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            workers.add(pool.submit(() -> {
                placeRemaining();
                return null;
            }));
        }
        for (Future<?> worker : workers) {
            worker.get();
        }
        cancelling.rest();
    }

    private void placeRemaining() throws InterruptedException {
        for (int i = next.getAndIncrement(); i < orders.size(); i = next.getAndIncrement()) {
            place(orders.get(i), Via.of(i));
            cancelling.after(i + 1);
        }
    }

    private void place(NewOrder order, Via via) throws InterruptedException {
        Answer answer = untilAnswered(order, via);
        if (answer instanceof Answer.Accepted accepted) {
            ledger.accepted(order, accepted.before());
        } else if (answer instanceof Answer.Refused refused) {
            withoutRefusedLines(order, via, refused.errors());
        } else if (answer instanceof Answer.None none) {
            ledger.unanswered(order, none.why());
        } else if (answer instanceof Answer.Unexpected unexpected) {
            ledger.unexpected(order, unexpected.what());
        }
    }

    private Answer untilAnswered(NewOrder order, Via via) throws InterruptedException {
        Instant deadline = pacing.now().plus(PATIENCE);
        Answer answer = client.place(order, via);
        while (answer instanceof Answer.None && pacing.now().isBefore(deadline)) {
            pacing.pause(BEFORE_RETRY);
            ledger.retry();
            answer = client.place(order, via);
        }
        return answer;
    }

    private void withoutRefusedLines(NewOrder order, Via via, List<Answer.Refusal> errors) throws InterruptedException {
        Map<Integer, List<Answer.Refusal>> byLine = errors.stream()
                .filter(error -> error.line() != null)
                .collect(groupingBy(Answer.Refusal::line, TreeMap::new, toList()));
        if (byLine.isEmpty()) {
            ledger.refusedOrder(order, reasons(errors));
            return;
        }
        byLine.values().forEach(ofLine -> ledger.refusedLine(reasons(ofLine)));
        NewOrder rest = order.without(byLine.keySet());
        if (rest.lines().isEmpty()) {
            ledger.whollyRefused(order);
        } else {
            place(rest, via);
        }
    }

    private static String reasons(List<Answer.Refusal> errors) {
        return errors.stream()
                .map(error -> error.field() + " " + error.reason())
                .sorted()
                .collect(joining(", "));
    }
}
