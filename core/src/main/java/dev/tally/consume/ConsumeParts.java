package dev.tally.consume;

import dev.tally.message.PayloadCodec;
import dev.tally.message.PayloadUpcasters;
import dev.tally.observation.MessageObservations;
import java.time.InstantSource;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * What handlers are run with.
 *
 * @param inbox on the data source of {@code transactions}
 * @param transactions the handlers' transactions
 * @param codec reads payloads
 * @param clock times handlers for {@code listener}
 * @param listener told what became of messages
 * @param observations observe each delivery, in the trace that its message is of
 * @param upcasters make payloads of earlier times into those that handlers take
 * @param rules say what is done about failures
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
        ConsumeFailureRules rules) {

    /** Parts that nothing listens to and nothing observes, without up-casters; what fails is tried again. */
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
                ConsumeFailureRules.RETRY);
    }

    /** The same with another listener. */
    public ConsumeParts with(ConsumeListener newListener) {
        return new ConsumeParts(inbox, transactions, codec, clock, newListener, observations, upcasters, rules);
    }

    /** The same with other observations. */
    public ConsumeParts with(MessageObservations newObservations) {
        return new ConsumeParts(inbox, transactions, codec, clock, listener, newObservations, upcasters, rules);
    }

    /** The same with other up-casters. */
    public ConsumeParts with(PayloadUpcasters newUpcasters) {
        return new ConsumeParts(inbox, transactions, codec, clock, listener, observations, newUpcasters, rules);
    }

    /** The same with other rules. */
    public ConsumeParts with(ConsumeFailureRules newRules) {
        return new ConsumeParts(inbox, transactions, codec, clock, listener, observations, upcasters, newRules);
    }
}
