package dev.tally.outbox.change;

import dev.tally.outbox.change.EntityChange.Operation;
import dev.tally.publish.Via;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Whatever Hibernate writes of the annotated entity is published as an {@link EntityChange}, if and only if the
 * transaction commits. On a super class it counts for all entities below it that have no annotation of their own.
 *
 * <p>There is one message for each changed entity and transaction, however often it is flushed: it tells what is
 * different after the transaction. (What somebody changes when the commit has begun and messages are handed over is a
 * message more.) Nothing is loaded for it; what is not loaded is left out. Statements that go past the entities (JPQL,
 * SQL) are not seen.
 *
 * <p>Entities are checked when their entity manager factory starts, which fails where the key or an excluded property
 * does not exist, or where a property cannot be published and is not excluded.
 *
 * @since 0.1
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface PublishChanges {

    /** The topic; {@code ${...}} placeholders are resolved. */
    String topic();

    /**
     * The property whose value orders the messages: changes with one key are delivered in the order of their
     * transactions. A basic property, a to-one association (the target's identifier), or a path into an embedded value or
     * a composite identifier, {@code address.country}. The identifier by default, which also takes the place of a
     * {@code null}. Choose one that never changes: changes under an old key and under a new one have no order.
     */
    String key() default "";

    /** The name of the annotated entity itself in messages; by default, and for those below it, the JPA entity name. */
    String name() default "";

    /** A tag that consumers can filter by, as it is written; none by default. */
    String tag() default "";

    /** Properties to leave out, also as paths, {@code address.note}. A change of nothing else is not published. */
    String[] exclude() default {};

    /** What to publish; everything by default. */
    Operation[] operations() default {Operation.CREATED, Operation.UPDATED, Operation.DELETED};

    /** How the messages leave. */
    Via via() default Via.OUTBOX;
}
