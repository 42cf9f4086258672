package dev.tally.transport.rocketmq.crash;

/** What is killed. */
enum Victim {
    /** The process in which the point is. */
    SERVICE,
    /** The broker, while the point's thread waits. */
    BROKER,
    /** The database, while the point's thread waits. */
    DATABASE
}
