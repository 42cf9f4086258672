package dev.tally.broker.store;

/** What became of a decision. */
public sealed interface DecisionOutcome {

    /**
     * The decision stands, durably.
     *
     * @param decision what was decided
     * @param queueOffset where the message became visible; {@code -1} for a rollback or a delayed message
     * @param first false where the same decision stood already and this one changed nothing
     */
    record Decided(Decision decision, long queueOffset, boolean first) implements DecisionOutcome {}

    /**
     * The opposite was decided earlier; nothing changed.
     *
     * @param standing the decision that stands
     */
    record Conflict(Decision standing) implements DecisionOutcome {}

    /** No half message is known at that position; nothing changed. */
    record UnknownHalf() implements DecisionOutcome {}

    /**
     * The half message belongs to another producer group; nothing changed.
     *
     * @param owner the group it belongs to
     */
    record Forbidden(String owner) implements DecisionOutcome {}
}
