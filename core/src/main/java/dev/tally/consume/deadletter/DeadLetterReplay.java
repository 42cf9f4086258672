package dev.tally.consume.deadletter;

import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replays dead letters whose turn has come, those of the groups that this process has handlers of. Processes share the
 * work; those of one key are replayed one after the other, the oldest first. To be run again and again by one thread.
 *
 * @since 0.1
 */
public final class DeadLetterReplay implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(DeadLetterReplay.class);
    private static final int AT_ONCE = 100;

    private final DeadLetterStore store;
    private final Handlers handlers;

    /** The handlers of this process. */
    public interface Handlers {

        /** The topics that have any at the moment, by group. */
        Map<String, Set<String>> topicsByGroup();

        /**
         * Has a dead letter handled by the handler of its group and topic.
         *
         * @return whether it is not due any more: it took effect, or failed, or had been handled
         */
        boolean replay(DeadLetter letter);
    }

    /** Creates the replay. */
    public DeadLetterReplay(DeadLetterStore store, Handlers handlers) {
        this.store = store;
        this.handlers = handlers;
    }

    /** Replays all that is due now. What fails is logged; the next run goes on. */
    @Override
    public void run() {
        try {
            while (!Thread.currentThread().isInterrupted() && replaySome()) {
                log.debug("replayed some dead letters, looking for more");
            }
        } catch (RuntimeException e) {
            log.warn("cannot replay dead letters now, they stay due", e);
        }
    }

    private boolean replaySome() {
        Map<String, Set<String>> topics = handlers.topicsByGroup();
        if (topics.isEmpty()) {
            return false;
        }
        boolean any = false;
        for (ListedDeadLetter due : store.due(topics, AT_ONCE)) {
            if (Thread.currentThread().isInterrupted()) {
                return false;
            }
            // One payload in memory at a time, and as it is now.
            DeadLetter letter = store.find(due.group(), due.id());
            any |= letter == null || letter.replay() == null || handlers.replay(letter);
        }
        return any;
    }
}
