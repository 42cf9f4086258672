package dev.tally.benchmarks.consume;

/**
 * The messages of a workload.
 *
 * @param queues of their topic
 * @param keys that they have in turns
 * @param copies how often each is sent
 * @param count different messages
 */
record Load(int queues, int keys, int copies, long count) {

    /** The same with fewer messages. */
    Load part(long parts) {
        return new Load(queues, keys, copies, Math.max(1, count / parts));
    }

    /** Messages that are delivered. */
    long deliveries() {
        return count * copies;
    }
}
