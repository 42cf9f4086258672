package dev.tally.boot;

/**
 * What people may do with the bridges.
 *
 * @param bridges the bridges
 * @param allowed whether they may pause and resume them; looking is allowed
 * @since 0.1
 */
public record BridgeOperations(OutboxBridges bridges, boolean allowed) {}
