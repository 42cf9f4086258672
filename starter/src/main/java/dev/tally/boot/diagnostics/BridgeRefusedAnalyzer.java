package dev.tally.boot.diagnostics;

import dev.tally.outbox.bridge.BridgeRefusedException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says why a bridge from another outbox cannot be what it is configured to be. */
final class BridgeRefusedAnalyzer extends AbstractFailureAnalyzer<BridgeRefusedException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, BridgeRefusedException cause) {
        return new FailureAnalysis(
                cause.getMessage(),
                "See docs/migration.md for the steps of a migration; tally.outbox.bridge.<name>.mode=off switches a"
                        + " bridge off.",
                cause);
    }
}
