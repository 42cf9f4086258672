package dev.tally.transport.redis;

import java.util.concurrent.CompletableFuture;

/** A partition that is read. Used by the thread of its {@link ConsumptionLoop}. */
interface PartitionSource {

    int number();

    byte[] stream();

    /** The id of the last entry that was read. */
    String cursor();

    /** Whether it is to be read now: there may be more, and there is room for it. */
    boolean wantsMore();

    /** Whether all was read that there was; entries behind the cursor are news. */
    boolean isDrained();

    /** There may be entries behind the cursor. */
    void mayHaveMore();

    /**
     * Asks the server for entries.
     *
     * @return what is to be run on the thread of the loop with the answer
     */
    CompletableFuture<Runnable> read(Session session);

    /** A read failed, or its answer did not come: the server may have handed entries over that never arrived. */
    void readFailed(Throwable cause);
}
