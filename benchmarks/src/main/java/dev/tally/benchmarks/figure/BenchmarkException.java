package dev.tally.benchmarks.figure;

import org.jspecify.annotations.Nullable;

/** A run that gave no figure: what was tried, and what was found instead. */
public final class BenchmarkException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** With what went wrong. */
    public BenchmarkException(String message) {
        super(message);
    }

    /** With what went wrong, and why, where that is known. */
    public BenchmarkException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
