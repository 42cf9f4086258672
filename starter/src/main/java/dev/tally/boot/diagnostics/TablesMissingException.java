package dev.tally.boot.diagnostics;

import dev.tally.message.TallyException;
import java.util.List;

/**
 * Tally's tables, or columns of them, are not in the database; start-up ends.
 *
 * @since 0.1
 */
public class TablesMissingException extends TallyException {

    private final transient List<String> scripts;

    TablesMissingException(List<String> faults, List<String> scripts) {
        super(
                "TALLY-TABLES-MISSING",
                "Cannot start: the database has not all of Tally's tables and columns:\n - "
                        + String.join("\n - ", faults));
        this.scripts = scripts;
    }

    /** The class path locations of the scripts that bring what is missing. */
    List<String> scripts() {
        return scripts;
    }
}
