package dev.tally.testkit.saga;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** What a seed decides. For one thread. */
final class Chance {

    private final RandomGenerator random;

    Chance(RandomGenerator random) {
        this.random = random;
    }

    RandomGenerator random() {
        return random;
    }

    /** True once in {@code n} times. */
    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    int between(int from, int to) {
        return from + random.nextInt(to - from + 1);
    }

    <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    Duration millisUpTo(long limit) {
        return Duration.ofMillis(random.nextLong(limit + 1));
    }
}
