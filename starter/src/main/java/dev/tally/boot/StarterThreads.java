package dev.tally.boot;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/** Timers that are no beans: a bean of that type would switch off Boot's own scheduler. */
final class StarterThreads {

    private StarterThreads() {}

    static ScheduledExecutorService scheduler(String name, int threads) {
        CustomizableThreadFactory factory = new CustomizableThreadFactory(name + "-");
        factory.setDaemon(true);
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(threads, factory);
        scheduler.setRemoveOnCancelPolicy(true);
        return scheduler;
    }
}
