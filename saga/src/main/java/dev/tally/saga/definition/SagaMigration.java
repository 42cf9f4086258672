package dev.tally.saga.definition;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * How sagas of an earlier version become ones of a later version.
 *
 * @param from the earlier version
 * @param change makes the saga's data and finds its steps again
 * @since 0.1
 */
public record SagaMigration(int from, Change change) {

    /** Makes a saga of the earlier version one of the later version. Has no other effect; may be called more than once. */
    @FunctionalInterface
    public interface Change {

        /**
         * The saga in the later version.
         *
         * @param saga as it is
         */
        Migrated apply(Migrated saga);
    }

    /**
     * A saga that changes its version.
     *
     * @param data its data
     * @param steps the name of each step that has begun, with its name in the later version
     */
    public record Migrated(JsonNode data, Map<String, String> steps) {}
}
