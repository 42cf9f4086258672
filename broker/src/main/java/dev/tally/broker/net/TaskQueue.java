package dev.tally.broker.net;

import io.netty.channel.EventLoop;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks for one connection, run in turn on its event loop. The loop is woken once for all that wait, and what they wrote
 * is flushed once.
 */
final class TaskQueue implements Executor {

    private static final Logger log = LoggerFactory.getLogger(TaskQueue.class);

    /** One connection does not keep the loop from the others for longer. */
    private static final int MOST_AT_ONCE = 256;

    private final EventLoop loop;
    private final Runnable afterwards;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private boolean running;

    TaskQueue(EventLoop loop, Runnable afterwards) {
        this.loop = loop;
        this.afterwards = afterwards;
    }

    /** Whether the caller is on the event loop. */
    boolean here() {
        return loop.inEventLoop();
    }

    /** Whether tasks run now; to be asked on the event loop. */
    boolean running() {
        return running;
    }

    @Override
    public void execute(Runnable task) {
        waiting.add(task);
        wake();
    }

    private void wake() {
        if (woken.compareAndSet(false, true)) {
            try {
                loop.execute(this::drain);
            } catch (RejectedExecutionException e) {
                // The server is closed: nothing that waits here can reach its client any more.
                waiting.clear();
                throw e;
            }
        }
    }

    private void drain() {
        woken.set(false);
        running = true;
        try {
            for (int i = 0; i < MOST_AT_ONCE; i++) {
                Runnable task = waiting.poll();
                if (task == null) {
                    return;
                }
                run(task);
            }
        } finally {
            running = false;
            afterwards.run();
        }
        wake();
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            log.error("A task of a connection failed; the others go on", e);
        }
    }
}
