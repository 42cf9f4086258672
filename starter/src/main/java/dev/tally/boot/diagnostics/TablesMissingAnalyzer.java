package dev.tally.boot.diagnostics;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says how Tally's tables come into the database. */
final class TablesMissingAnalyzer extends AbstractFailureAnalyzer<TablesMissingException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, TablesMissingException cause) {
        String scripts = cause.scripts().isEmpty()
                ? ""
                : "\nor run these scripts, by Flyway, Liquibase or hand (docs/schema.md):\n - "
                        + String.join("\n - ", cause.scripts());
        return new FailureAnalysis(
                cause.getMessage(),
                "Either let Tally create them, with tally.jdbc.initialize-schema=always (the default, embedded, does it for"
                        + " in-memory databases only)" + scripts,
                cause);
    }
}
