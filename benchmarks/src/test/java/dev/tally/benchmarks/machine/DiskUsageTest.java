package dev.tally.benchmarks.machine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DiskUsageTest {

    @Test
    void countsSectorsOf512BytesWhateverTheDeviceHas() {
        assertThat(DiskUsage.writtenBytes("   11 12 13 14   21 22 23 24 0 1 2\n"))
                .isEqualTo(23 * 512);
    }

    @Test
    void takesDeviceNumbersApart() {
        assertThat(DiskUsage.major(0xfe01)).isEqualTo(254);
        assertThat(DiskUsage.minor(0xfe01)).isEqualTo(1);
        assertThat(DiskUsage.major(0x11032c)).isEqualTo(259);
        assertThat(DiskUsage.minor(0x11032c)).isEqualTo(300);
    }
}
