package dev.tally.broker.store;

import java.util.List;

/**
 * The answer to a {@link KeyQuery}.
 *
 * @param messages what was found, in the order of the log
 * @param newestMillis when the newest message that the index knows was stored, 0 where it knows none
 * @param newestPosition its position, 0 where there is none
 */
public record KeyMatches(List<StoredMessage> messages, long newestMillis, long newestPosition) {}
