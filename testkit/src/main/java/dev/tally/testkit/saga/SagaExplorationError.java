package dev.tally.testkit.saga;

/**
 * A run of the explorer in which something did not hold. Its message has the seed and everything that happened.
 *
 * @since 0.1
 */
public final class SagaExplorationError extends AssertionError {

    private final long seed;

    SagaExplorationError(long seed, String violation, String trace, Throwable cause) {
        super(
                "Run with seed " + seed + ": " + violation + "\nreplay(" + seed
                        + "L) does the same again. What happened:\n" + trace,
                cause);
        this.seed = seed;
    }

    /** What to give to {@link SagaExplorer#replay}. */
    public long seed() {
        return seed;
    }
}
