package dev.tally.broker.store;

/**
 * A decision about one half message.
 *
 * @param position the half message's position in the log
 * @param producerGroup the group that decides; another group's decision is refused
 * @param decision what is decided
 * @param origin who decides
 */
public record DecisionRequest(long position, String producerGroup, Decision decision, DecisionOrigin origin) {}
