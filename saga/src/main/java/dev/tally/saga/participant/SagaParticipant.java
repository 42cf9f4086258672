package dev.tally.saga.participant;

import dev.tally.transport.Subscription;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A bean that does steps of sagas: its {@link SagaAction} and {@link SagaCompensation} methods take the commands that are sent
 * to this name. Each command takes effect once, and is answered; one that comes again gets the same answer.
 *
 * <p>Several beans may have one name, if the other attributes are the same too: their methods are put together.
 *
 * @since 0.1
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface SagaParticipant {

    /** The logical name, which definitions of sagas use: 1 to 100 letters, digits, '-', '_'; may have placeholders. */
    String value();

    /** Handler threads at most; 4 by default. The commands of one saga are handled one after the other. */
    int concurrency() default 4;

    /**
     * Commands handled in one transaction at most; 32 by default. If it is rolled back, each is handled again by itself.
     * Work outside of a transaction is always done by itself.
     */
    int batch() default Subscription.DEFAULT_BATCH;

    /** Deliveries of a command that finds its step being worked at, before it is answered as failed; 16 by default. */
    int maxAttempts() default 16;
}
