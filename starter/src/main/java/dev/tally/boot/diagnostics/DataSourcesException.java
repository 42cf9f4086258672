package dev.tally.boot.diagnostics;

import dev.tally.message.TallyException;

/**
 * Tally cannot tell which data source or transaction manager it is to use, or they are declared wrongly; start-up ends.
 *
 * @since 0.1
 */
public class DataSourcesException extends TallyException {

    private final String remedy;

    /**
     * Creates the exception.
     *
     * @param remedy what to do
     */
    public DataSourcesException(String message, String remedy) {
        super("TALLY-DATA-SOURCES", message);
        this.remedy = remedy;
    }

    /** What to do. */
    String remedy() {
        return remedy;
    }
}
