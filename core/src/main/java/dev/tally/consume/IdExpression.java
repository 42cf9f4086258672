package dev.tally.consume;

import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.expression.EvaluationException;
import org.springframework.expression.Expression;
import org.springframework.expression.ParseException;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.SimpleEvaluationContext;

/**
 * Gives received messages the ids that an expression names, for producers that send one event twice as two messages of the
 * broker. Thread-safe.
 */
final class IdExpression {

    private static final Logger log = LoggerFactory.getLogger(IdExpression.class);

    private final String text;
    private final @Nullable Expression expression;
    private final @Nullable String fault;

    /** @param text empty for none, see {@link IdempotentConsumer#id()} */
    IdExpression(String text) {
        this.text = text;
        Expression parsed = null;
        String wrong = null;
        if (!text.isEmpty()) {
            try {
                parsed = new SpelExpressionParser().parseExpression(text);
            } catch (ParseException e) {
                wrong = "its id '" + text + "' is not a SpEL expression: " + e.getSimpleMessage();
            }
        }
        this.expression = parsed;
        this.fault = wrong;
    }

    /** What is wrong with it, for people. */
    @Nullable String fault() {
        return fault;
    }

    /** {@code handler} for messages with their ids from here; those for which there is none are dead-lettered at once. */
    BatchHandler before(BatchHandler handler) {
        return expression == null ? handler : batch -> handle(batch, expression, handler);
    }

    private List<DeliveryOutcome> handle(List<ReceivedMessage> batch, Expression parsed, BatchHandler handler) {
        List<DeliveryOutcome> outcomes = new ArrayList<>();
        List<ReceivedMessage> named = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (ReceivedMessage received : batch) {
            outcomes.add(new DeliveryOutcome.Delivered());
            try {
                named.add(named(received, idOf(received.message(), parsed)));
                places.add(outcomes.size() - 1);
            } catch (NoIdException e) {
                log.warn("{}; it is dead-lettered", e.getMessage(), e.getCause());
                outcomes.set(outcomes.size() - 1, new DeliveryOutcome.DeadLetter(e.getMessage()));
            }
        }
        if (!named.isEmpty()) {
            List<DeliveryOutcome> handled = handler.handle(named);
            for (int i = 0; i < places.size(); i++) {
                outcomes.set(places.get(i), handled.get(i));
            }
        }
        return outcomes;
    }

    private static ReceivedMessage named(ReceivedMessage received, MessageId id) {
        Message message = received.message();
        return new ReceivedMessage(
                new Message(
                        id, message.destination(), message.key(), message.type(), message.headers(), message.payload()),
                received.attempt(),
                received.storedAt());
    }

    private MessageId idOf(Message message, Expression parsed) throws NoIdException {
        String what = "Cannot handle message " + message.id() + " of topic '"
                + message.destination().topic() + "': its id '" + text + "' ";
        Object value;
        try {
            // Messages come from others: an expression reads them and does nothing else.
            value = parsed.getValue(
                    SimpleEvaluationContext.forReadOnlyDataBinding()
                            .withInstanceMethods()
                            .build(),
                    new IncomingMessage(message));
        } catch (EvaluationException e) {
            throw new NoIdException(what + "failed: " + e.getMessage(), e);
        }
        String id = value == null ? "" : value.toString();
        if (id.isBlank()) {
            throw new NoIdException(what + "gave " + (value == null ? "null" : "a blank text"), null);
        }
        return MessageId.ofForeign(id);
    }

    private static final class NoIdException extends Exception {
        private static final long serialVersionUID = 1L;

        NoIdException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }

        @Override
        public String getMessage() {
            return String.valueOf(super.getMessage());
        }
    }
}
