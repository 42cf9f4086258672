package dev.tally.testkit.saga;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** Thousands of faults that are wanted need no log. */
final class QuietEngine {

    private QuietEngine() {}

    static void during(Runnable work) {
        Logger engine = (Logger) LoggerFactory.getLogger("dev.tally.saga.engine");
        Logger transactions = (Logger) LoggerFactory.getLogger("org.springframework.transaction");
        Logger memory = (Logger) LoggerFactory.getLogger("dev.tally.testkit.saga.InMemoryTransactions");
        Level before = engine.getLevel();
        engine.setLevel(Level.OFF);
        transactions.setLevel(Level.OFF);
        memory.setLevel(Level.OFF);
        try {
            work.run();
        } finally {
            engine.setLevel(before);
            transactions.setLevel(null);
            memory.setLevel(null);
        }
    }
}
