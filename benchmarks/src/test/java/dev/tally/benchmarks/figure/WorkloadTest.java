package dev.tally.benchmarks.figure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkloadTest {

    @ParameterizedTest
    @CsvSource({
        "tx-sync-64, *, true",
        "tx-sync-64, tx-sync-64, true",
        "tx-sync-64, tx-*, true",
        "tx-sync-64, *-sync-*, true",
        "tx-sync-64, *6*, true",
        "tx-sync-64, tx-sync-6, false",
        "tx-sync-64, sync, false",
        "start-after-kill-2.0g, start-after-kill-2x0g, false",
        "start-after-kill-2.0g, start-after-kill-2.0g, true"
    })
    void isChosenByItsNameWhereAStarStandsForAnything(String name, String pattern, boolean chosen) {
        assertThat(new Workload(name, List.of()).matches(pattern)).isEqualTo(chosen);
    }
}
