package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.AMQP;
import dev.tally.transport.SendOutcome;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A message on its way to the broker. Each is one of its own, whatever is in it. */
final class Publication {

    private final Target target;
    private final AMQP.BasicProperties properties;
    private final byte[] body;
    private final String what;
    private final CompletableFuture<SendOutcome> outcome;

    /**
     * Creates it.
     *
     * @param body not to be changed
     * @param what the beginning of all that is said about its failure
     * @param outcome completed once
     */
    Publication(
            Target target,
            AMQP.BasicProperties properties,
            byte[] body,
            String what,
            CompletableFuture<SendOutcome> outcome) {
        this.target = target;
        this.properties = properties;
        this.body = body;
        this.what = what;
        this.outcome = outcome;
    }

    Target target() {
        return target;
    }

    AMQP.BasicProperties properties() {
        return properties;
    }

    byte[] body() {
        return body;
    }

    CompletableFuture<SendOutcome> outcome() {
        return outcome;
    }

    /**
     * Where a message goes.
     *
     * @param exchange the exchange, empty for the default one
     * @param routingKey the routing key, the queue's name with the default exchange
     * @param mandatory whether it has to reach a queue
     */
    record Target(String exchange, String routingKey, boolean mandatory) {

        static Target queue(String name) {
            return new Target("", name, true);
        }

        boolean isQueue() {
            return exchange.isEmpty();
        }

        /** The exchange's or the queue's name, which is to be there. */
        String name() {
            return isQueue() ? routingKey : exchange;
        }

        /** The same for all that goes through one exchange, or to one queue. */
        Target place() {
            return new Target(exchange, isQueue() ? routingKey : "", false);
        }

        @Override
        public String toString() {
            return (isQueue() ? "queue '" : "exchange '") + name() + "'";
        }
    }

    /** The id by which the broker's answers name it, empty for none. */
    String messageId() {
        return properties.getMessageId() == null ? "" : properties.getMessageId();
    }

    void failed(boolean retryable, String reason, @Nullable Throwable cause) {
        outcome.complete(new SendOutcome.Failed(retryable, what + ": " + reason, cause));
    }
}
