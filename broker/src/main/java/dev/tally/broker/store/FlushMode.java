package dev.tally.broker.store;

/** What an answer about a topic's messages means. */
public enum FlushMode {
    /** The message is forced to the disk: nothing that was answered is lost, whatever happens. */
    SYNC,
    /**
     * The message is written: a killed process loses nothing that was answered, a power cut or a crash of the machine may
     * take the last 200 ms or 16 MiB.
     */
    ASYNC
}
