package dev.tally.testkit.saga;

/** A step of a saga. */
record StepId(String sagaId, String step) {

    @Override
    public String toString() {
        return sagaId + "/" + step;
    }
}
