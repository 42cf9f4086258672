package dev.tally.boot;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.springframework.beans.factory.DisposableBean;

/**
 * The outboxes of all data sources, the primary one's first. Thread-safe.
 *
 * @since 0.1
 */
public final class Outboxes implements Iterable<OutboxAccess>, DisposableBean {

    private final List<OutboxAccess> all;
    private final ExecutorService threads;

    /** @param threads what runs acts on many rows; ended with the application */
    Outboxes(List<OutboxAccess> all, ExecutorService threads) {
        this.all = List.copyOf(all);
        this.threads = threads;
    }

    /** The outbox of a data source. */
    public Optional<OutboxAccess> of(String name) {
        return all.stream().filter(each -> each.name().toString().equals(name)).findFirst();
    }

    @Override
    public Iterator<OutboxAccess> iterator() {
        return all.iterator();
    }

    @Override
    public void destroy() {
        threads.shutdownNow();
    }
}
