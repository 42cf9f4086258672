package dev.tally.half;

import dev.tally.message.Message;
import dev.tally.message.MessageId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** A broker with half messages in memory: stored, visible, or gone, and decided once. */
final class FakeHalfBroker implements HalfMessages, HalfMessageInspection {

    enum Mode {
        STORES,
        REFUSES,
        STORES_BUT_DOES_NOT_ANSWER,
        THROWS
    }

    private record Half(String transactionId, MessageId messageId) implements PreparedHalf {

        OpenHalf open() {
            return new OpenHalf(messageId, transactionId, "t", null, false, Instant.EPOCH, 0, this);
        }
    }

    private final Map<MessageId, Half> undecided = new LinkedHashMap<>();
    private final Set<String> visible = new TreeSet<>();
    private final Set<String> gone = new TreeSet<>();
    private final List<CompletableFuture<List<PreparedHalf>>> open = new ArrayList<>();
    private final List<String> transactionIds = new ArrayList<>();
    private CheckBack checkBack;
    Mode mode = Mode.STORES;
    boolean losesDecisions;
    /** Somebody else's move between a look and what follows from it. */
    Runnable afterLook = () -> {};
    /** Runs when half messages are stored, before that is answered. */
    Runnable whenStored = () -> {};

    int prepareCalls;

    @Override
    public CompletableFuture<List<PreparedHalf>> prepare(String transactionId, List<Message> messages) {
        CompletableFuture<List<PreparedHalf>> answer = take(transactionId, messages);
        whenStored.run();
        return answer;
    }

    private synchronized CompletableFuture<List<PreparedHalf>> take(String transactionId, List<Message> messages) {
        prepareCalls++;
        transactionIds.add(transactionId);
        return switch (mode) {
            case THROWS -> throw new IllegalStateException("client is closed");
            case REFUSES -> CompletableFuture.failedFuture(new IllegalStateException("disk full"));
            case STORES -> CompletableFuture.completedFuture(store(transactionId, messages));
            case STORES_BUT_DOES_NOT_ANSWER -> {
                store(transactionId, messages);
                CompletableFuture<List<PreparedHalf>> future = new CompletableFuture<>();
                open.add(future);
                yield future;
            }
        };
    }

    private List<PreparedHalf> store(String transactionId, List<Message> messages) {
        List<PreparedHalf> halves = new ArrayList<>();
        for (Message message : messages) {
            Half half = new Half(transactionId, message.id());
            undecided.put(message.id(), half);
            halves.add(half);
        }
        return halves;
    }

    @Override
    public synchronized CompletableFuture<Boolean> commit(List<PreparedHalf> halves) {
        boolean confirmed = !losesDecisions && halves.stream().allMatch(this::isOpen);
        if (!losesDecisions) {
            halves.forEach(half -> decide(half, visible));
        }
        return CompletableFuture.completedFuture(confirmed);
    }

    @Override
    public synchronized CompletableFuture<Boolean> rollback(List<PreparedHalf> halves) {
        boolean confirmed = !losesDecisions && halves.stream().allMatch(this::isOpen);
        if (!losesDecisions) {
            halves.forEach(half -> decide(half, gone));
        }
        return CompletableFuture.completedFuture(confirmed);
    }

    /** Confirms nothing of what is decided already, as brokers refuse a decision that came second. */
    private boolean isOpen(PreparedHalf half) {
        return undecided.containsKey(half.messageId());
    }

    private void decide(PreparedHalf half, Set<String> fate) {
        if (undecided.remove(half.messageId()) != null) {
            fate.add(half.messageId().value());
        }
    }

    @Override
    public void onCheckBack(CheckBack checkBack) {
        this.checkBack = checkBack;
    }

    @Override
    public synchronized HalfMessageList undecided(int max) {
        return new HalfMessageList(
                undecided.values().stream().limit(max).map(Half::open).toList(), true);
    }

    @Override
    public synchronized List<OpenHalf> undecidedOf(String transactionId) {
        List<OpenHalf> found = undecided.values().stream()
                .filter(half -> half.transactionId().equals(transactionId))
                .map(Half::open)
                .toList();
        afterLook.run();
        return found;
    }

    @Override
    public long parked() {
        return 0;
    }

    /** Asks about everything that is undecided, as a broker does from time to time. */
    void ask() {
        List<Half> halves;
        synchronized (this) {
            halves = List.copyOf(undecided.values());
        }
        for (Half half : halves) {
            CheckBackAnswer answer = checkBack.check(half.transactionId(), half.messageId());
            synchronized (this) {
                switch (answer) {
                    case COMMIT -> decide(half, visible);
                    case ROLLBACK -> decide(half, gone);
                    case UNKNOWN -> {}
                }
            }
        }
    }

    synchronized Set<String> visible() {
        return Set.copyOf(visible);
    }

    synchronized Set<String> gone() {
        return Set.copyOf(gone);
    }

    synchronized int undecided() {
        return undecided.size();
    }

    synchronized String lastTransactionId() {
        return transactionIds.get(transactionIds.size() - 1);
    }

    /** The answer that was held back arrives at last. */
    synchronized void answerLate() {
        open.forEach(future -> future.complete(List.copyOf(undecided.values())));
    }
}
