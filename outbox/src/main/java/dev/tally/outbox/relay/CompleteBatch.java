package dev.tally.outbox.relay;

import dev.tally.outbox.OutboxStoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes confirmed rows, many with one statement. They are collected for a moment first; a process that dies meanwhile
 * leaves them to be sent again. Bounded by what is in memory.
 */
final class CompleteBatch {

    private static final Logger log = LoggerFactory.getLogger(CompleteBatch.class);

    private final RelayParts parts;
    private final Lanes lanes;
    private final Runnable read;
    private final Queue<HeldEntry> confirmed = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicBoolean timerSet = new AtomicBoolean();
    private final SerialTask task;
    private int storeFailures;
    private boolean backingOff;

    CompleteBatch(RelayParts parts, Lanes lanes, Runnable read) {
        this.parts = parts;
        this.lanes = lanes;
        this.read = read;
        this.task = new SerialTask("complete", parts.timers(), this::removeConfirmed);
    }

    void add(HeldEntry held) {
        confirmed.add(held);
        if (size.incrementAndGet() == parts.settings().completeBatch()) {
            task.signal();
        } else if (timerSet.compareAndSet(false, true)) {
            parts.timers().after(parts.settings().completeLinger(), () -> {
                timerSet.set(false);
                task.signal();
            });
        }
    }

    /** Removes what is confirmed, on the calling thread as well as on the relay's: for a stop. */
    void flush() {
        removeConfirmed();
    }

    private synchronized void removeConfirmed() {
        if (backingOff) {
            return;
        }
        while (true) {
            List<HeldEntry> batch = poll();
            if (batch.isEmpty()) {
                return;
            }
            try {
                remove(batch);
                storeFailures = 0;
            } catch (OutboxStoreException e) {
                confirmed.addAll(batch);
                size.addAndGet(batch.size());
                backOff(batch.size(), e);
                return;
            }
        }
    }

    private List<HeldEntry> poll() {
        List<HeldEntry> batch = new ArrayList<>();
        while (batch.size() < parts.settings().completeBatch()) {
            HeldEntry next = confirmed.poll();
            if (next == null) {
                break;
            }
            batch.add(next);
        }
        size.addAndGet(-batch.size());
        return batch;
    }

    private void remove(List<HeldEntry> batch) {
        Map<String, List<Long>> byOwner = batch.stream()
                .collect(Collectors.groupingBy(
                        held -> held.entry().owner(), Collectors.mapping(HeldEntry::id, Collectors.toList())));
        int removed = parts.store().complete(byOwner);
        if (removed < batch.size()) {
            log.info(
                    "Outbox rows were removed by another node sent={} removed={}; some went out twice",
                    batch.size(),
                    removed);
        }
        lanes.removed(batch);
        batch.forEach(held -> parts.listener().completed(held.entry()));
        read.run();
    }

    private void backOff(int rows, OutboxStoreException e) {
        storeFailures++;
        backingOff = true;
        var delay = parts.delay(storeFailures);
        log.warn("Sent outbox rows not removed rows={} nextAttemptInMillis={}", rows, delay.toMillis(), e);
        parts.timers().after(delay, () -> {
            synchronized (this) {
                backingOff = false;
            }
            task.signal();
        });
    }
}
