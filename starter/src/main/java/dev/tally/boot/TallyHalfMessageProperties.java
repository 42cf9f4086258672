package dev.tally.boot;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Half messages.
 *
 * @param fallback what happens to a transaction whose half messages the broker does not take: its messages go through the
 *     outbox, or it fails
 * @param prepareTimeout how long a commit waits for the broker to store the half messages
 * @param decideByHand whether the actuator endpoint {@code tallytransactions} may decide half messages
 * @param checkHorizon how long a broker may go on asking about a half message, where it does not tell: where access
 *     control keeps a RocketMQ broker's configuration from the access key. The ledger remembers longer than that. The
 *     default is RocketMQ's, its fileReservedTime of 72 hours
 */
@ConfigurationProperties("tally.half-message")
record TallyHalfMessageProperties(
        @DefaultValue("outbox") Fallback fallback,
        @DefaultValue("3s") Duration prepareTimeout,
        @DefaultValue("false") boolean decideByHand,
        @DefaultValue("72h") Duration checkHorizon) {

    boolean fallsBack() {
        return fallback == Fallback.OUTBOX;
    }

    /** What a transaction falls back to. */
    enum Fallback {
        /** Its messages go through the outbox. */
        OUTBOX,
        /** It fails. */
        NONE
    }
}
