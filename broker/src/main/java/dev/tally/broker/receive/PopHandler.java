package dev.tally.broker.receive;

import dev.tally.broker.filter.InvalidExpressionException;
import dev.tally.broker.filter.Selection;
import dev.tally.broker.filter.Selections;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.PopRequest;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.Subscription;
import dev.tally.broker.request.RequestHandler;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.PopCall;
import dev.tally.broker.store.Popped;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A consumer pops.
 *
 * <ol>
 *   <li>Refuse what cannot work: no such topic or queue, no permission, group switched off, a filter that is not
 *       understood.
 *   <li>Look into the queues one after the other, from a random one on, until there are enough messages.
 *   <li>With nothing, the pop is held, if the client allows, until something arrives, something comes back that another
 *       consumer did not acknowledge, or its time is up.
 *   <li>Answer when the log says who has the messages; wake the next who waits where there are more.
 * </ol>
 */
final class PopHandler implements RequestHandler {

    private static final int MOST_BYTES = 1024 * 1024;
    private static final long LONGEST_HOLD_MILLIS = 60_000;
    private static final int HUNDRED = 100;

    private final MessageStore store;
    private final String brokerName;
    private final HeldPops held;
    private final PopRefusals refusals;
    private final Selections selections;
    private final Executor reads;
    private final InstantSource clock;
    private final RandomGenerator random;

    PopHandler(
            MessageStore store,
            String brokerName,
            HeldPops held,
            Executor reads,
            InstantSource clock,
            RandomGenerator random,
            Selections selections) {
        this.store = store;
        this.brokerName = brokerName;
        this.held = held;
        this.refusals = new PopRefusals(store);
        this.reads = reads;
        this.clock = clock;
        this.random = random;
        this.selections = selections;
    }

    @Override
    public CompletableFuture<Answer> handle(Connection connection, Command request) {
        PopRequest wanted = PopRequest.from(request.fields());
        Answer refusal = refusals.of(wanted);
        if (refusal != null) {
            return CompletableFuture.completedFuture(refusal);
        }
        Subscription subscription = Subscription.of(wanted.topic(), wanted.expression(), wanted.expressionType(), 0);
        Selection selection;
        try {
            selection = selections.of(subscription);
        } catch (InvalidExpressionException e) {
            return CompletableFuture.completedFuture(notParsed(wanted, String.valueOf(e.getMessage())));
        }
        long holdMillis = Math.max(0, Math.min(wanted.pollMillis(), LONGEST_HOLD_MILLIS));
        Pop pop = new Pop(connection, wanted, selection, clock.millis() + holdMillis);
        reads.execute(pop::lookAgain);
        return pop.answer;
    }

    private static Answer notParsed(PopRequest wanted, String why) {
        return Answer.refused(
                ResponseCode.SUBSCRIPTION_PARSE_FAILED,
                "Group " + wanted.group() + " cannot pop topic " + wanted.topic() + " by its filter: " + why);
    }

    /** One pop, from its request to its answer; used by one thread at a time. */
    private final class Pop implements PopWaiting {
        private final Connection connection;
        private final PopRequest wanted;
        private final Selection selection;
        private final long holdUntilMillis;
        private final CompletableFuture<Answer> answer = new CompletableFuture<>();

        Pop(Connection connection, PopRequest wanted, Selection selection, long holdUntilMillis) {
            this.connection = connection;
            this.wanted = wanted;
            this.selection = selection;
            this.holdUntilMillis = holdUntilMillis;
        }

        @Override
        public Connection connection() {
            return connection;
        }

        @Override
        public PopRequest wanted() {
            return wanted;
        }

        @Override
        public boolean takes() {
            return true;
        }

        @Override
        public void giveUp() {
            answer.complete(new PopAnswer(wanted, brokerName, clock.millis()).nothing(ResponseCode.POLLING_TIMEOUT));
        }

        @Override
        public void lookAgain() {
            if (!connection.open()) {
                // Whatever it would get, nobody could use before its time is over.
                answer.cancel(false);
                held.look(wanted.group(), wanted.topic());
                return;
            }
            long now = clock.millis();
            PopAnswer found = new PopAnswer(wanted, brokerName, now);
            take(PopQueues.of(store, wanted, random.nextInt(HUNDRED)).iterator(), found, now);
        }

        private void take(Iterator<PopQueues.Queue> queues, PopAnswer found, long now) {
            try {
                while (queues.hasNext() && found.size() < wanted.maxMessages() && found.bytes() < MOST_BYTES) {
                    PopQueues.Queue queue = queues.next();
                    if (!store.poppable(
                            wanted.group(), queue.topic(), queue.queueId(), wanted.ordered(), wanted.attemptId())) {
                        continue;
                    }
                    CompletableFuture<Popped> popped = store.pop(call(queue, found, now));
                    if (!popped.isDone()) {
                        var unused = popped.whenCompleteAsync(
                                        (taken, failure) -> {
                                            if (failure == null) {
                                                found.add(queue, taken);
                                                take(queues, found, now);
                                            } else {
                                                finish(found, failure);
                                            }
                                        },
                                        reads)
                                .exceptionally(overloaded -> {
                                    answer.completeExceptionally(overloaded);
                                    return null;
                                });
                        return;
                    }
                    found.add(queue, popped.join());
                }
                finish(found, null);
            } catch (RuntimeException e) {
                finish(found, e);
            }
        }

        private PopCall call(PopQueues.Queue queue, PopAnswer found, long now) {
            return new PopCall(
                    wanted.group(),
                    queue.topic(),
                    queue.queueId(),
                    wanted.fromFirst() || !queue.topic().equals(wanted.topic()),
                    wanted.maxMessages() - found.size(),
                    MOST_BYTES - found.bytes(),
                    now,
                    wanted.invisibleMillis(),
                    wanted.ordered(),
                    wanted.attemptId(),
                    selection.tags(),
                    selection.payloads());
        }

        /** A failure after some messages were taken is the next pop's to tell: these must not wait for their time. */
        private void finish(PopAnswer found, @Nullable Throwable failure) {
            if (found.size() > 0) {
                answer.complete(found.found());
                held.look(wanted.group(), wanted.topic());
            } else if (failure != null) {
                answer.completeExceptionally(failure);
            } else {
                await(found);
            }
        }

        private void await(PopAnswer found) {
            long remaining = holdUntilMillis - clock.millis();
            if (remaining <= 0) {
                answer.complete(found.nothing(ResponseCode.POLLING_TIMEOUT));
            } else if (!held.hold(this, remaining)) {
                answer.complete(found.nothing(ResponseCode.POLLING_FULL));
            }
        }
    }
}
