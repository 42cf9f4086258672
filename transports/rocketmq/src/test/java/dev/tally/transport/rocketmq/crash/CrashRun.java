package dev.tally.transport.rocketmq.crash;

import java.util.List;

/**
 * One kill.
 *
 * @param number which one, from 1
 * @param victim what is killed
 * @param stopping points at which a transaction each waits
 * @param inFlight points at which a transaction each is under way
 * @param armed points at which the first that comes by waits
 * @param inBroker a point in the broker, or {@code null}
 * @param others how many transactions there are besides
 */
record CrashRun(
        int number,
        Victim victim,
        List<CrashPoint> stopping,
        List<CrashPoint> inFlight,
        List<CrashPoint> armed,
        CrashPoint inBroker,
        int others) {}
