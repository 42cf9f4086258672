package dev.tally.architecture.planted.bare;

/** Planted: throws an exception that names nothing. */
public class ThrowsBare {

    public void fail() {
        throw new RuntimeException("something went wrong");
    }

    /** Planted beside it: a named one, which is fine. */
    public static class Named extends RuntimeException {

        public Named(String message) {
            super(message);
        }
    }
}
