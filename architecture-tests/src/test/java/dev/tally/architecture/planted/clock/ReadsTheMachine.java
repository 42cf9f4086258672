package dev.tally.architecture.planted.clock;

import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;

/** Planted: reads the machine's clock, sleeps, rolls its dice. */
public class ReadsTheMachine {

    public double all() throws InterruptedException {
        Thread.sleep(1);
        long sum = Instant.now().toEpochMilli() + System.currentTimeMillis() + System.nanoTime();
        sum += InstantSource.system().millis() + UUID.randomUUID().getMostSignificantBits();
        return sum + Math.random();
    }
}
