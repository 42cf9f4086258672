package dev.tally.boot.diagnostics;

import dev.tally.jdbc.UnsupportedDatabaseException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says what can be done about a database that Tally does not support. */
final class UnsupportedDatabaseAnalyzer extends AbstractFailureAnalyzer<UnsupportedDatabaseException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, UnsupportedDatabaseException cause) {
        return new FailureAnalysis(
                cause.getMessage(),
                "Point spring.datasource.url at a supported database. A database that speaks the SQL of a supported one"
                        + " can be used by defining a bean of type dev.tally.jdbc.Dialect.",
                cause);
    }
}
