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
        Change change = new Change(this);
        change.inbox = newInbox;
        change.transactions = newTransactions;
        return change.made();
    }

    /** The same with another listener. */
    public ConsumeParts with(ConsumeListener newListener) {
        Change change = new Change(this);
        change.listener = newListener;
        return change.made();
    }

    /** The same with other observations. */
    public ConsumeParts with(MessageObservations newObservations) {
        Change change = new Change(this);
        change.observations = newObservations;
        return change.made();
    }

    /** The same with other up-casters. */
    public ConsumeParts with(PayloadUpcasters newUpcasters) {
        Change change = new Change(this);
        change.upcasters = newUpcasters;
        return change.made();
    }

    /** The same with other rules. */
    public ConsumeParts with(ConsumeFailureRules newRules) {
        Change change = new Change(this);
        change.rules = newRules;
        return change.made();
    }

    /** The same with dead letters of its own. */
    public ConsumeParts with(DeadLetterStore newDeadLetters) {
        Change change = new Change(this);
        change.deadLetters = newDeadLetters;
        return change.made();
    }

    /** The same with an inbox that remembers for so long. */
    public ConsumeParts with(Duration newInboxRetention) {
        Change change = new Change(this);
        change.inboxRetention = newInboxRetention;
        return change.made();
    }

    /** The same with a validator. */
    public ConsumeParts with(PayloadValidator newValidator) {
        Change change = new Change(this);
        change.validator = newValidator;
        return change.made();
    }

    /** Parts of which some are about to be others. */
    private static final class Change {

        private final ConsumeParts of;
        private InboxStore inbox;
        private PlatformTransactionManager transactions;
        private ConsumeListener listener;
        private MessageObservations observations;
        private PayloadUpcasters upcasters;
        private ConsumeFailureRules rules;
        private @Nullable DeadLetterStore deadLetters;
        private @Nullable Duration inboxRetention;
        private @Nullable PayloadValidator validator;

        Change(ConsumeParts of) {
            this.of = of;
            this.inbox = of.inbox;
            this.transactions = of.transactions;
            this.listener = of.listener;
            this.observations = of.observations;
            this.upcasters = of.upcasters;
            this.rules = of.rules;
            this.deadLetters = of.deadLetters;
            this.inboxRetention = of.inboxRetention;
            this.validator = of.validator;
        }

        ConsumeParts made() {
            return new ConsumeParts(
                    inbox,
                    transactions,
                    of.codec,
                    of.clock,
                    listener,
                    observations,
                    upcasters,
                    rules,
                    deadLetters,
                    inboxRetention,
                    validator);
        }
    }
}
