package dev.tally.boot.diagnostics;

import dev.tally.consume.InvalidConsumerException;
import dev.tally.message.TallyException;
import dev.tally.outbox.change.InvalidChangePublicationException;
import dev.tally.publish.InvalidPublisherException;
import dev.tally.request.InvalidRequestHandlerException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows the list of faulty methods or classes without a stack trace. */
final class AnnotationFaultAnalyzer extends AbstractFailureAnalyzer<TallyException> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, TallyException cause) {
        if (cause instanceof InvalidPublisherException
                || cause instanceof InvalidConsumerException
                || cause instanceof InvalidRequestHandlerException) {
            return new FailureAnalysis(
                    cause.getMessage(),
                    "Correct the methods and classes; each line says what is wrong and what to do.",
                    cause);
        }
        if (cause instanceof InvalidChangePublicationException) {
            return new FailureAnalysis(
                    cause.getMessage(), "Correct the entities; each line says what is wrong and what to do.", cause);
        }
        if (cause instanceof InboxRetentionTooShortException) {
            return new FailureAnalysis(
                    cause.getMessage(),
                    "Raise tally.jdbc.inbox-retention, or say how long messages really come again: the brokers' retention,"
                            + " the time that retries take, and the retention of dead letters.",
                    cause);
        }
        return null;
    }
}
