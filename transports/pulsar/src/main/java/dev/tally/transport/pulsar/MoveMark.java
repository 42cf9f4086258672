package dev.tally.transport.pulsar;

/**
 * The last move of a group, as a property of its subscription has it: members that lost their connection see by it whether
 * the group was moved, since that is all that a move does to them. Immutable.
 *
 * @param id names the move; empty where there was none
 * @param underWay whether members must not subscribe yet
 */
record MoveMark(String id, boolean underWay) {

    /** The name of the property. */
    static final String PROPERTY = "tally-move";

    static final MoveMark NONE = new MoveMark("", false);

    private static final String DONE = ":done";

    /** @param text the property, empty where it is not set */
    static MoveMark of(String text) {
        return text.endsWith(DONE)
                ? new MoveMark(text.substring(0, text.length() - DONE.length()), false)
                : new MoveMark(text, !text.isEmpty());
    }

    String text() {
        return underWay ? id : id + DONE;
    }
}
