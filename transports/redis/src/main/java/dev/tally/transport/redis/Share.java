package dev.tally.transport.redis;

import java.util.Collection;

/** What a subscription reads of its topic at the moment. Used by the thread of its {@link ConsumptionLoop}. */
interface Share {

    /** The partitions that it has. */
    Collection<? extends PartitionSource> sources();

    /** What has to be done without a server, too; called often. */
    void look();

    /** What has to be done with one as soon as it is due; called often. */
    void settle(Session session);

    /** What has to be done about every second. */
    void tick(Session session);

    /** Nothing more is handled or handed over: gives everything back. */
    void leave(Session session);
}
