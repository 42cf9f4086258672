package dev.tally.boot.transport.choice;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says how a transport is chosen. */
final class TransportChoiceAnalyzer extends AbstractFailureAnalyzer<TransportChoiceException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, TransportChoiceException cause) {
        return new FailureAnalysis(
                cause.getMessage(),
                "Set tally.transport.default to the name of the transport that carries the topics, and list under"
                        + " tally.transport.topics.<name> what another one carries.\nA transport comes with its"
                        + " dependency: dev.tally:tally-transport-kafka, -rabbitmq, -jms, -redis or -pulsar.",
                cause);
    }
}
