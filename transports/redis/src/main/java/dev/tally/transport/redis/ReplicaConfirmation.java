package dev.tally.transport.redis;

import dev.tally.transport.SendOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Waits until replicas have what was added. One {@code WAIT} is under way at a time: it covers all that its connection
 * has had executed before it, and what comes meanwhile waits for the next one. Thread-safe.
 */
final class ReplicaConfirmation {

    private record Added(Session session, CompletableFuture<SendOutcome> outcome, String id, String what) {}

    private final int wanted;
    private final long timeoutMillis;
    private List<Added> next = new ArrayList<>();
    private @Nullable Session asked;

    /**
     * Creates it.
     *
     * @param wanted how many replicas
     * @param timeout how long is waited for them
     */
    ReplicaConfirmation(int wanted, Duration timeout) {
        this.wanted = wanted;
        // Before the send's own limit, so that its reason is told.
        this.timeoutMillis = Math.max(1, timeout.toMillis() / 2);
    }

    void confirm(Session session, CompletableFuture<SendOutcome> outcome, String id, String what) {
        synchronized (this) {
            next.add(new Added(session, outcome, id, what));
            if (session.equals(asked)) {
                return;
            }
            asked = session;
        }
        ask(session);
    }

    private void ask(Session session) {
        List<Added> covered = new ArrayList<>();
        synchronized (this) {
            List<Added> others = new ArrayList<>();
            next.forEach(added -> (added.session().equals(session) ? covered : others).add(added));
            next = others;
            if (covered.isEmpty()) {
                if (session.equals(asked)) {
                    asked = null;
                }
                return;
            }
        }
        var unused = session.commands()
                .waitForReplication(wanted, timeoutMillis)
                .whenComplete((have, thrown) -> {
                    covered.forEach(added -> added.outcome().complete(outcome(added, have, thrown)));
                    ask(session);
                });
    }

    private SendOutcome outcome(Added added, @Nullable Long have, @Nullable Throwable thrown) {
        if (thrown != null) {
            return Failures.ofSend(thrown, added.what());
        }
        return have != null && have >= wanted
                ? new SendOutcome.Sent(added.id())
                : new SendOutcome.Failed(
                        true,
                        added.what() + ": Redis has stored it as " + added.id() + ", but only " + have + " of "
                                + wanted + " replicas (minReplicas) have confirmed it within " + timeoutMillis
                                + " ms; sending it again may store it twice",
                        null);
    }
}
