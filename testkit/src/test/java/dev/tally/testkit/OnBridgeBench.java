package dev.tally.testkit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A bench for bridges on a database of its own, for each test. */
abstract class OnBridgeBench {

    BridgeBench bench;

    abstract TestDatabase createDatabase();

    @BeforeEach
    void openBench() {
        bench = new BridgeBench(createDatabase());
    }

    @AfterEach
    void closeBench() {
        bench.close();
    }

    /** An order as the other libraries' serializers write it. */
    static String json(String orderId) {
        return "{\"orderId\":\"" + orderId + "\"}";
    }
}
