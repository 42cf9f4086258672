package dev.tally.broker.transfer;

import java.util.List;

/**
 * What a copy came to.
 *
 * @param complete whether everything that there was is copied and the counts agree
 * @param copied messages, in this run and those before that its state file knows
 * @param missing messages that were gone at the source when their turn came
 * @param failures why queues were not copied whole
 * @since 0.1
 */
public record CopyResult(boolean complete, long copied, long missing, List<String> failures) {

    /** Of a list of its own. */
    public CopyResult {
        failures = List.copyOf(failures);
    }
}
