package dev.tally.boot;

import java.util.Iterator;
import java.util.List;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;

/**
 * The data sources beside the primary one; their relays run while the application runs. Thread-safe.
 *
 * @since 0.1
 */
public final class FurtherDataSources implements Iterable<FurtherDataSource>, SmartLifecycle, DisposableBean {

    private final List<FurtherDataSource> all;

    FurtherDataSources(List<FurtherDataSource> all) {
        this.all = List.copyOf(all);
    }

    @Override
    public Iterator<FurtherDataSource> iterator() {
        return all.iterator();
    }

    @Override
    public void start() {
        all.forEach(each -> each.runtime().start());
    }

    @Override
    public void stop() {
        all.forEach(each -> each.runtime().stop());
    }

    @Override
    public boolean isRunning() {
        return all.stream().anyMatch(each -> each.runtime().isRunning());
    }

    @Override
    public int getPhase() {
        return OutboxRuntime.PHASE;
    }

    @Override
    public void destroy() {
        all.forEach(each -> each.runtime().destroy());
    }
}
