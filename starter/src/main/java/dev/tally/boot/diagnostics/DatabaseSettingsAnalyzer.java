package dev.tally.boot.diagnostics;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says which settings of the database to change. */
final class DatabaseSettingsAnalyzer extends AbstractFailureAnalyzer<DatabaseSettingsException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, DatabaseSettingsException cause) {
        return new FailureAnalysis(cause.getMessage(), String.join("\n", cause.remedies()), cause);
    }
}
