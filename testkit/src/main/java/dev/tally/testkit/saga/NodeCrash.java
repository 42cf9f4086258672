package dev.tally.testkit.saga;

/** A process ends, in the middle of what it does; nothing catches it but the explorer. */
final class NodeCrash extends Error {

    NodeCrash(String where) {
        super(where, null, false, false);
    }
}
