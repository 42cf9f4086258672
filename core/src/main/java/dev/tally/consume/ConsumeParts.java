package dev.tally.consume;

import dev.tally.consume.deadletter.DeadLetterStore;
import dev.tally.message.PayloadCodec;
import dev.tally.message.PayloadUpcasters;
import dev.tally.observation.MessageObservations;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * What handlers are run with.
 *
 * @param inbox on the data source of {@code transactions}
 * @param transactions the handlers' transactions
 * @param codec reads payloads
 * @param clock times handlers for {@code listener}, and tells how old a message is
 * @param listener told what became of messages
 * @param observations observe each delivery, in the trace that its message is of
 * @param upcasters make payloads of earlier times into those that handlers take
 * @param rules say what is done about failures
 * @param deadLetters keeps what cannot be handled, on the data source of {@code transactions}; {@code null} to leave that
 *     to the transport
 * @param inboxRetention how long {@code inbox} remembers; a message that is new to it but was stored longer ago is
 *     dead-lettered, since nobody can tell whether it has been handled; {@code null} where it remembers for ever
 * @param validator checks payloads that are to be valid; {@code null} where there is none
 * @since 0.1
 */
public record ConsumeParts(
        InboxStore inbox,
        PlatformTransactionManager transactions,
        PayloadCodec codec,
        InstantSource clock,
        ConsumeListener listener,
        MessageObservations observations,
        PayloadUpcasters upcasters,
        ConsumeFailureRules rules,
        @Nullable DeadLetterStore deadLetters,
        @Nullable Duration inboxRetention,
        @Nullable PayloadValidator validator) {

    /**
     * Parts that nothing listens to and nothing observes, without up-casters, whose inbox remembers for ever; what fails
     * is tried again, and in the end left to the transport.
     */
    public static ConsumeParts of(
            InboxStore inbox, PlatformTransactionManager transactions, PayloadCodec codec, InstantSource clock) {
        return new ConsumeParts(
                inbox,
                transactions,
                codec,
                clock,
                new ConsumeListener() {},
                MessageObservations.none(),
                PayloadUpcasters.none(),
                ConsumeFailureRules.RETRY,
                null,
                null,
                null);
    }

    /** The same with another inbox. */
    public ConsumeParts with(InboxStore newInbox, PlatformTransactionManager newTransactions) {
        return new ConsumeParts(
                newInbox,
                newTransactions,
                codec,
                clock,
                listener,
                observations,
                upcasters,
                rules,
                deadLetters,
                inboxRetention,
                validator);
    }

    /** The same with another listener. */
    public ConsumeParts with(ConsumeListener newListener) {
        return new ConsumeParts(
                inbox,
                transactions,
                codec,
                clock,
                newListener,
                observations,
                upcasters,
                rules,
                deadLetters,
                inboxRetention,
                validator);
    }

    /** The same with other observations. */
    public ConsumeParts with(MessageObservations newObservations) {
        return new ConsumeParts(
                inbox,
                transactions,
                codec,
                clock,
                listener,
                newObservations,
                upcasters,
                rules,
                deadLetters,
                inboxRetention,
                validator);
    }

    /** The same with other up-casters. */
    public ConsumeParts with(PayloadUpcasters newUpcasters) {
        return new ConsumeParts(
                inbox,
                transactions,
                codec,
                clock,
                listener,
                observations,
                newUpcasters,
                rules,
                deadLetters,
                inboxRetention,
                validator);
    }

    /** The same with other rules. */
    public ConsumeParts with(ConsumeFailureRules newRules) {
        return new ConsumeParts(
                inbox,
                transactions,
                codec,
                clock,
                listener,
                observations,
                upcasters,
                newRules,
                deadLetters,
                inboxRetention,
                validator);
    }

    /** The same with dead letters of its own. */
    public ConsumeParts with(DeadLetterStore newDeadLetters) {
        return new ConsumeParts(
                inbox,
                transactions,
                codec,
                clock,
                listener,
                observations,
                upcasters,
                rules,
                newDeadLetters,
                inboxRetention,
                validator);
    }

    /** The same with an inbox that remembers for so long. */
    public ConsumeParts with(Duration newInboxRetention) {
        return new ConsumeParts(
                inbox,
                transactions,
                codec,
                clock,
                listener,
                observations,
                upcasters,
                rules,
                deadLetters,
                newInboxRetention,
                validator);
    }

    /** The same with a validator. */
    public ConsumeParts with(PayloadValidator newValidator) {
        return new ConsumeParts(
                inbox,
                transactions,
                codec,
                clock,
                listener,
                observations,
                upcasters,
                rules,
                deadLetters,
                inboxRetention,
                newValidator);
    }
}
