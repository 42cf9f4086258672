package dev.tally.consume;

import org.springframework.messaging.Message;
import org.springframework.messaging.support.MessageBuilder;

/**
 * Deliveries as Spring's messages. Loaded only where a handler takes one, so that {@code spring-messaging} need not be
 * there.
 */
final class SpringMessages {

    private SpringMessages() {}

    /** The message's own headers under their names, and what is in its context under names of {@link ConsumeHeaders}. */
    static Message<Object> of(Object payload, MessageContext context) {
        return MessageBuilder.withPayload(payload)
                .copyHeaders(context.headers().asMap())
                .setHeader(ConsumeHeaders.ID, context.id().value())
                .setHeader(ConsumeHeaders.TOPIC, context.topic())
                .setHeader(ConsumeHeaders.GROUP, context.group())
                .setHeader(ConsumeHeaders.KEY, context.key())
                .setHeader(ConsumeHeaders.TYPE, context.type())
                .setHeader(ConsumeHeaders.ATTEMPT, context.attempt())
                .build();
    }
}
