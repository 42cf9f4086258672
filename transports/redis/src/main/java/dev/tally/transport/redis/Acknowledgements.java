package dev.tally.transport.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acknowledges entries of one stream: at once when nothing is under way, else all that came meanwhile together. What
 * fails is tried again until it succeeds, also after the partition has gone to another member: it did take effect.
 * Thread-safe.
 */
final class Acknowledgements {

    private static final Logger LOG = LoggerFactory.getLogger(Acknowledgements.class);
    private static final int MOST = 1_000;
    private static final long AGAIN_MILLIS = 500;

    private final Line line;
    private final byte[] stream;
    private final byte[] group;
    private final ScheduledExecutorService timer;
    private final Runnable acknowledged;

    private final List<String> waiting = new ArrayList<>();
    private boolean underWay;
    private boolean ended;
    private CompletableFuture<Void> allDone = CompletableFuture.completedFuture(null);

    /**
     * Creates it.
     *
     * @param acknowledged told after each time that the server has confirmed some
     */
    Acknowledgements(Line line, byte[] stream, String group, ScheduledExecutorService timer, Runnable acknowledged) {
        this.line = line;
        this.stream = stream;
        this.group = RedisKeys.bytes(group);
        this.timer = timer;
        this.acknowledged = acknowledged;
    }

    void settled(String id) {
        settled(List.of(id));
    }

    void settled(List<String> ids) {
        synchronized (waiting) {
            if (ids.isEmpty() || ended) {
                return;
            }
            if (allDone.isDone()) {
                allDone = new CompletableFuture<>();
            }
            waiting.addAll(ids);
        }
        send();
    }

    /** How many have not been confirmed. */
    int open() {
        synchronized (waiting) {
            return waiting.size();
        }
    }

    /** Done when all that has been settled so far is confirmed. */
    CompletableFuture<Void> allDone() {
        synchronized (waiting) {
            return allDone.copy();
        }
    }

    /** Tries nothing again from now on. */
    void end() {
        synchronized (waiting) {
            ended = true;
        }
    }

    private void send() {
        List<String> sent;
        synchronized (waiting) {
            if (underWay || waiting.isEmpty()) {
                return;
            }
            underWay = true;
            sent = List.copyOf(waiting.subList(0, Math.min(MOST, waiting.size())));
        }
        var unused = line.session().whenComplete((session, thrown) -> {
            if (thrown == null) {
                acknowledge(session, sent);
            } else {
                failed(thrown);
            }
        });
    }

    private void acknowledge(Session session, List<String> sent) {
        var unused = session.commands()
                .xack(stream, group, sent.toArray(String[]::new))
                .whenComplete((count, thrown) -> {
                    if (thrown == null) {
                        confirmed(sent.size());
                    } else {
                        line.suspect(session, thrown);
                        failed(thrown);
                    }
                });
    }

    private void confirmed(int count) {
        synchronized (waiting) {
            underWay = false;
            waiting.subList(0, count).clear();
            if (waiting.isEmpty()) {
                allDone.complete(null);
            }
        }
        acknowledged.run();
        send();
    }

    private void failed(Throwable thrown) {
        boolean again;
        synchronized (waiting) {
            underWay = false;
            again = !ended;
        }
        LOG.debug("Entries not acknowledged, tried again={} stream={}", again, RedisKeys.text(stream), thrown);
        if (again) {
            try {
                var unused = timer.schedule(this::send, AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("Not acknowledged, the transport is closed stream={}", RedisKeys.text(stream), e);
            }
        }
    }
}
