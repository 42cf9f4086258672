package dev.tally.outbox.operations;

/**
 * Who does something by hand, and why. Both are kept in the audit log, which refuses blank ones.
 *
 * @param who the person
 * @param why the reason, in the person's words
 * @since 0.1
 */
public record WhoAndWhy(String who, String why) {}
