package dev.tally.boot.diagnostics;

import dev.tally.message.TallyException;
import java.util.List;

/**
 * Tally's tables are not in the database; start-up ends.
 *
 * @since 0.1
 */
public class TablesMissingException extends TallyException {

    private final transient List<String> scripts;

    TablesMissingException(List<String> missing, List<String> scripts, Throwable cause) {
        super("TALLY-TABLES-MISSING", "Cannot start: the database has no usable tables " + missing, cause);
        this.scripts = scripts;
    }

    /** The class path locations of the scripts that create them. */
    List<String> scripts() {
        return scripts;
    }
}
