package dev.tally.boot.diagnostics;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says how several data sources are told apart. */
final class DataSourcesAnalyzer extends AbstractFailureAnalyzer<DataSourcesException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, DataSourcesException cause) {
        return new FailureAnalysis(cause.getMessage(), cause.remedy(), cause);
    }
}
