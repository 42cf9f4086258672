package dev.tally.outbox.operations;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node, as the others see it.
 *
 * @param node its name, new for each process
 * @param instance the name of its place, or {@code null}
 * @param alive whether its heartbeat is young enough
 * @param silentFor how old its heartbeat is; {@code null} if it has given up or was fenced
 * @param circuitOpen whether, at its last heartbeat, it did not send because its sends failed one after the other
 * @param lanes the lanes that it keeps
 * @param owners what else it keeps: its own names, and those of dead nodes
 * @since 0.1
 */
public record OutboxNodeState(
        String node,
        @Nullable String instance,
        boolean alive,
        @Nullable Duration silentFor,
        boolean circuitOpen,
        List<String> lanes,
        List<String> owners) {}
