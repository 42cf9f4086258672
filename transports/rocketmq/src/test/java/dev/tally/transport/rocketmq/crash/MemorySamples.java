package dev.tally.transport.rocketmq.crash;

import java.util.ArrayList;
import java.util.List;

/** Memory of a process, looked at again and again. The first third, in which caches fill and code is compiled, is left out. */
final class MemorySamples {

    private static final int ENOUGH = 9;
    private static final double NOISE = 1.15;

    private final long noiseBytes;
    private final List<Long> bytes = new ArrayList<>();

    /** @param noiseBytes that the last third may have above the one before, beside a seventh */
    MemorySamples(long noiseBytes) {
        this.noiseBytes = noiseBytes;
    }

    void add(long sample) {
        bytes.add(sample);
    }

    /** Whether it rose from the second third to the last; never with few samples. */
    boolean rise() {
        int third = bytes.size() / 3;
        return bytes.size() >= ENOUGH
                && median(bytes.subList(bytes.size() - third, bytes.size()))
                        > median(bytes.subList(third, 2 * third)) * NOISE + noiseBytes;
    }

    private static long median(List<Long> some) {
        return some.stream().sorted().toList().get(some.size() / 2);
    }

    @Override
    public String toString() {
        return bytes.stream().map(sample -> sample >> 20).toList() + " MiB";
    }
}
