package dev.tally.broker.receive;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.PopRequest;
import dev.tally.broker.request.RequestHandler;
import dev.tally.broker.store.MessageStore;
import java.util.concurrent.CompletableFuture;

/** Tells a client when a pop would find something, without taking it. */
final class NotificationHandler implements RequestHandler {

    private static final long LONGEST_HOLD_MILLIS = 60_000;

    private final MessageStore store;
    private final HeldPops held;
    private final PopRefusals refusals;

    NotificationHandler(MessageStore store, HeldPops held) {
        this.store = store;
        this.held = held;
        this.refusals = new PopRefusals(store);
    }

    @Override
    public CompletableFuture<Answer> handle(Connection connection, Command request) {
        PopRequest wanted = PopRequest.ofQuestion(request.fields());
        Answer refusal = refusals.of(wanted);
        if (refusal != null) {
            return CompletableFuture.completedFuture(refusal);
        }
        Question question = new Question(connection, wanted);
        if (question.finds()) {
            question.lookAgain();
        } else if (wanted.pollMillis() <= 0) {
            question.giveUp();
        } else if (!held.hold(question, Math.min(wanted.pollMillis(), LONGEST_HOLD_MILLIS))) {
            question.answer.complete(answer(false, true));
        }
        return question.answer;
    }

    /** How many wait. */
    CompletableFuture<Answer> pollingInfo(Connection connection, Command request) {
        PopRequest wanted = PopRequest.ofQuestion(request.fields());
        Answer refusal = refusals.of(wanted);
        return CompletableFuture.completedFuture(
                refusal != null
                        ? refusal
                        : Answer.ok(Fields.of(
                                "pollingNum", held.waitingAt(wanted.group(), wanted.topic(), wanted.queueId()))));
    }

    private static Answer answer(boolean found, boolean full) {
        return Answer.ok(Fields.of("hasMsg", found, "pollingFull", full));
    }

    /** One question, from its request to its answer. */
    private final class Question implements PopWaiting {
        private final Connection connection;
        private final PopRequest wanted;
        private final CompletableFuture<Answer> answer = new CompletableFuture<>();

        Question(Connection connection, PopRequest wanted) {
            this.connection = connection;
            this.wanted = wanted;
        }

        boolean finds() {
            return PopQueues.of(store, wanted, 0).stream()
                    .anyMatch(queue -> store.poppable(
                            wanted.group(), queue.topic(), queue.queueId(), wanted.ordered(), wanted.attemptId()));
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
            return false;
        }

        @Override
        public void lookAgain() {
            answer.complete(answer(true, false));
        }

        @Override
        public void giveUp() {
            answer.complete(answer(false, false));
        }
    }
}
