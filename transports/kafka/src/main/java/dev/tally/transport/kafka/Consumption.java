package dev.tally.transport.kafka;

import dev.tally.consume.dispatch.KeyedDispatcher;
import dev.tally.transport.Subscription;
import dev.tally.transport.wire.TagExpression;

/** What a subscription does with records. */
record Consumption(
        Subscription subscription,
        TagExpression tags,
        KeyedDispatcher dispatcher,
        MessageTranslation translation,
        DeadLetters deadLetters,
        int window) {}
