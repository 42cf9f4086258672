package dev.tally.consume;

import dev.tally.transport.Subscription;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Handles the messages of a topic, each with one effect: the handler runs in a transaction together with an insert into
 * the inbox, so a message that comes again is acknowledged and changes nothing. Messages that wait together share a
 * transaction, up to {@link #batch()}; if it is rolled back, each is handled again in one of its own.
 *
 * <p>The method takes the payload as its first parameter, by itself or as Spring's {@code Message}, whose headers are
 * named by {@link ConsumeHeaders}, and optionally a {@link MessageContext} and {@link dev.tally.message.Headers}; or a {@code List} of payloads, those of up to {@link #batch()} messages that are new, and
 * optionally a {@code List} of their contexts. A batch that fails is handed over message by message. It is called through
 * the bean's proxy. What it returns is published as well if it is annotated with {@code @TransactionalPublisher}. Effects outside the transaction (HTTP calls, other databases, {@code REQUIRES_NEW}) are not covered.
 *
 * <p>Without a {@link #topic()} it is a guard: nothing is subscribed, and whatever calls the method through the bean's
 * proxy (a listener of another library, a timer, other code) takes effect once for each message id and group. A call for a
 * message that was handled does not reach the method; it returns what the first one returned. Whatever exception leaves
 * the method takes everything back, so that the message may come again. See {@link #id()} for what the id is.
 *
 * @since 0.1
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface IdempotentConsumer {

    /** The topic; none, the default, makes the method a guard. */
    String topic() default "";

    /** The consumer group. Each group handles each message once. A guard's is its own: no other method has it. */
    String group();

    /**
     * An expression (SpEL) for the message's id, which tells it from all others and is the same at each delivery.
     *
     * <p>With a {@link #topic()} it is over an {@link IncomingMessage}: {@code headers['event-id']}, {@code json('/order/id')},
     * {@code key + '/' + headers['version']}; for topics to which others publish. A message for which it gives nothing is
     * dead-lettered by the transport. By default messages of Tally have the ids that they were published with, and others
     * those of the broker.
     *
     * <p>For guards it is over the parameters by name ({@code #order.id}) and position ({@code #p0}), and {@code #root.args}.
     * By default it is that of the parameter of a type that carries one, for which there is a {@code
     * dev.tally.consume.guard.MessageIdSource}.
     */
    String id() default "";

    /** Tags to take, {@code *} (the default) for all, {@code a || b} for some. */
    String tags() default "*";

    /** Handler threads at most; 4 by default. They are not bound to queues: one queue may use all of them. */
    int concurrency() default 4;

    /**
     * Handler threads when there is little to do; 0 (the default) for as many as {@link #concurrency()}. Where it is
     * less, the number rises with a backlog as long as more handlers bring more, and sinks without one.
     */
    int minConcurrency() default 0;

    /** Messages that begin to be handled in a second at most, by each member of the group; 0 (the default) for no limit. */
    double maxRate() default 0;

    /**
     * Whether messages with one key are handled in the order in which they were sent; true by default. A message that
     * is retried then holds those of its key behind it, and no others.
     */
    boolean ordered() default true;

    /**
     * Messages handled in one transaction at most; 32 by default. Only as many as are there are taken. 1 gives each
     * message a transaction of its own.
     */
    int batch() default Subscription.DEFAULT_BATCH;

    /** Exceptions after which a message is dead-lettered at once; also where they are the cause of another one. */
    Class<? extends Throwable>[] deadLetterFor() default {};

    /** Exceptions after which a message counts as handled without effect; also where they are the cause of another one. */
    Class<? extends Throwable>[] skipFor() default {};

    /**
     * Exceptions after which this process handles nothing more of this topic and group until a person resumes it; also
     * where they are the cause of another one.
     */
    Class<? extends Throwable>[] stopFor() default {};

    /** Deliveries before a message is dead-lettered; 16 by default. */
    int maxAttempts() default 16;

    /**
     * Whether each process of the group handles each message that is sent while it runs; false by default. For what a
     * process has in memory, such as caches: the handler is called without a transaction and without the inbox, and what it
     * cannot handle is given up by this process alone.
     */
    boolean broadcast() default false;

    /**
     * The name of the data source whose transactions the handler works in, as declared by a bean {@code TallyDataSource};
     * empty (the default) for the primary one. Its inbox and its dead letters are there.
     */
    String dataSource() default "";
}
