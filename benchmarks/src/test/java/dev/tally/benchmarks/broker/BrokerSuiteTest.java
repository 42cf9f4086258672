package dev.tally.benchmarks.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokerSuiteTest {

    @ParameterizedTest
    @CsvSource({"10000000, 10m", "1000000, 1m", "100000, 100k", "1500, 1500", "250, 250", "0, 0"})
    void namesCountsShortly(int number, String name) {
        assertThat(BrokerSuite.count(number)).isEqualTo(name);
    }
}
