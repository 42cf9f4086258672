package dev.tally.transport.kafka;

import dev.tally.transport.SendOutcome;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.ApplicationRecoverableException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/**
 * What a failed send means to the caller.
 *
 * <p>Final is only what a broker says about the message itself: too large or illegal for it, or forbidden. All else may be
 * better next time, a missing topic included.
 */
final class SendFailures {

    private SendFailures() {}

    static SendOutcome.Sent sent(RecordMetadata metadata) {
        return new SendOutcome.Sent(metadata.topic() + "-" + metadata.partition() + "-" + metadata.offset());
    }

    static SendOutcome.Failed of(Throwable thrown, String what) {
        return new SendOutcome.Failed(!isFinal(thrown), what + ": " + reason(thrown), thrown);
    }

    static boolean isFinal(Throwable thrown) {
        return thrown instanceof RecordTooLargeException
                || thrown instanceof RecordBatchTooLargeException
                || thrown instanceof InvalidTopicException
                || thrown instanceof InvalidRecordException
                || thrown instanceof PolicyViolationException
                || thrown instanceof TopicAuthorizationException;
    }

    /** Whether a producer can send nothing more after it, so that another one has to take its place. */
    static boolean endsProducer(Throwable thrown) {
        return thrown instanceof ApplicationRecoverableException
                || thrown instanceof OutOfOrderSequenceException
                || thrown instanceof ClusterAuthorizationException
                || thrown instanceof UnsupportedVersionException;
    }

    static String reason(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null
                ? thrown.getClass().getSimpleName()
                : thrown.getClass().getSimpleName() + ", " + message;
    }
}
