package dev.tally.boot;

import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.thread.Threading;
import org.springframework.core.env.Environment;
import org.springframework.core.task.VirtualThreadTaskExecutor;

/** The threads of message handlers, as Spring Boot's own property has them. */
public final class HandlerThreads {

    private HandlerThreads() {}

    /** Virtual ones with {@code spring.threads.virtual.enabled}; {@code null} for the transport's own. */
    public static @Nullable ThreadFactory of(Environment environment) {
        return Threading.VIRTUAL.isActive(environment)
                ? new VirtualThreadTaskExecutor("tally-consume-").getVirtualThreadFactory()
                : null;
    }
}
