package dev.tally.boot.diagnostics;

import dev.tally.message.TallyException;
import java.util.List;

/**
 * The database is set so that transactions and messages could not settle together; start-up ends.
 *
 * @since 0.1
 */
public class DatabaseSettingsException extends TallyException {

    private final transient List<String> remedies;

    DatabaseSettingsException(List<String> faults, List<String> remedies) {
        super(
                "TALLY-DATABASE-SETTINGS",
                "Cannot start with the database as it is set:\n - " + String.join("\n - ", faults));
        this.remedies = remedies;
    }

    /** What to do, one sentence for each fault. */
    List<String> remedies() {
        return remedies;
    }
}
