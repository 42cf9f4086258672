package dev.tally.benchmarks.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ProcessUsageTest {

    @Test
    void countsFieldsBehindANameWithSpacesAndParentheses() {
        String stat = "4711 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 150 25 13 14 15";

        assertThat(ProcessUsage.cpu(stat)).isEqualTo(Duration.ofMillis(1750));
    }

    @Test
    void readsTheNumberBehindAName() {
        String io = "rchar: 1\nwrite_bytes: 8192\ncancelled_write_bytes: 7\n";

        assertThat(ProcessUsage.field(io, "write_bytes:")).isEqualTo(8192);
        assertThat(ProcessUsage.field("Name: x\nVmRSS:\t  2048 kB\n", "VmRSS:")).isEqualTo(2048);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProcessUsage.field(io, "read_bytes:"))
                .withMessageContaining("read_bytes:");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void readsThisProcess() throws Exception {
        long pid = ProcessHandle.current().pid();

        assertThat(ProcessUsage.cpu(pid)).isPositive();
        assertThat(ProcessUsage.residentBytes(pid)).isGreaterThan(1024 * 1024);
        assertThat(ProcessUsage.byThread(pid)).isNotEmpty();
    }
}
