package dev.tally.boot.diagnostics;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says where a broker comes from. */
final class NameServerMissingAnalyzer extends AbstractFailureAnalyzer<NameServerMissingException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, NameServerMissingException cause) {
        return new FailureAnalysis(
                cause.getMessage(),
                "Either set rocketmq.name-server to host:port of a RocketMQ name server or of a Tally broker,\nor add"
                        + " dev.tally:tally-broker to the class path, and a broker starts inside the application"
                        + " (tally.broker.enabled must not be false).",
                cause);
    }
}
