package dev.tally.transport.rocketmq.crash;

import dev.tally.half.CheckBack;
import dev.tally.half.HalfMessages;
import dev.tally.half.PreparedHalf;
import dev.tally.message.Message;
import dev.tally.transport.TransportException;
import dev.tally.transport.rocketmq.crash.Script.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Half messages with stops on the way to the broker and back, and with losses where the transaction's script has some. */
final class StoppingHalfMessages implements HalfMessages {

    private final HalfMessages broker;
    private final Stops stops;
    private final ThreadLocal<Script> scripts;
    private final AtomicInteger checkBacks = new AtomicInteger();

    StoppingHalfMessages(HalfMessages broker, Stops stops, ThreadLocal<Script> scripts) {
        this.broker = broker;
        this.stops = stops;
        this.scripts = scripts;
    }

    /** How many check-backs have come so far. */
    int checkBacks() {
        return checkBacks.get();
    }

    @Override
    public CompletableFuture<List<PreparedHalf>> prepare(String transactionId, List<Message> messages) {
        Script script = scripts.get();
        stops.at(CrashPoint.AFTER_LEDGER_ROW);
        if (script.has(Turn.REFUSED)) {
            return CompletableFuture.failedFuture(new TransportException("refused by the script"));
        }
        if (script.point() == CrashPoint.SOME_HALVES_STORED) {
            return oneAfterTheOther(transactionId, messages);
        }
        boolean stopped = stops.announce(CrashPoint.PREPARE_IN_FLIGHT);
        CompletableFuture<List<PreparedHalf>> prepared = broker.prepare(transactionId, messages);
        if (stopped) {
            stops.stay();
        }
        return script.has(Turn.ANSWER_LOST)
                ? prepared.thenCompose(stored ->
                        CompletableFuture.failedFuture(new TransportException("the answer was lost by the script")))
                : prepared;
    }

    private CompletableFuture<List<PreparedHalf>> oneAfterTheOther(String transactionId, List<Message> messages) {
        int first = messages.size() / 2;
        List<PreparedHalf> stored = new ArrayList<>(now(broker.prepare(transactionId, messages.subList(0, first))));
        stops.at(CrashPoint.SOME_HALVES_STORED);
        return broker.prepare(transactionId, messages.subList(first, messages.size()))
                .thenApply(others -> {
                    stored.addAll(others);
                    return List.copyOf(stored);
                });
    }

    private static List<PreparedHalf> now(CompletableFuture<List<PreparedHalf>> prepared) {
        try {
            return prepared.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new TransportException("the first half messages were not stored", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransportException("interrupted", e);
        }
    }

    @Override
    public CompletableFuture<Boolean> commit(List<PreparedHalf> halves) {
        Script script = scripts.get();
        if (script == null) {
            return broker.commit(halves);
        }
        stops.at(CrashPoint.AFTER_COMMIT);
        boolean stopped = stops.announce(CrashPoint.DECISION_IN_FLIGHT);
        CompletableFuture<Boolean> answer =
                script.has(Turn.DECISION_LOST) ? CompletableFuture.completedFuture(false) : broker.commit(halves);
        if (stopped) {
            stops.stay();
        }
        return answer;
    }

    @Override
    public CompletableFuture<Boolean> rollback(List<PreparedHalf> halves) {
        Script script = scripts.get();
        return script != null && script.has(Turn.DECISION_LOST)
                ? CompletableFuture.completedFuture(false)
                : broker.rollback(halves);
    }

    @Override
    public void onCheckBack(CheckBack checkBack) {
        broker.onCheckBack((transactionId, messageId) -> {
            checkBacks.incrementAndGet();
            stops.begin("check-back-of-" + messageId, CrashPoint.Place.CHECK_BACK);
            try {
                stops.at(CrashPoint.CHECK_BACK_RECEIVED);
                var answer = checkBack.check(transactionId, messageId);
                stops.at(CrashPoint.CHECK_BACK_UNANSWERED);
                return answer;
            } finally {
                stops.end();
            }
        });
    }
}
