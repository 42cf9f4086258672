package dev.tally.benchmarks.shop;

/** What a process of the shop does. */
public enum Role {
    /** Everything. */
    ALL,
    /** Starts sagas and carries them on. */
    ORCHESTRATOR,
    /** Does their steps. */
    PARTICIPANTS;

    boolean orchestrates() {
        return this != PARTICIPANTS;
    }

    boolean participates() {
        return this != ORCHESTRATOR;
    }
}
