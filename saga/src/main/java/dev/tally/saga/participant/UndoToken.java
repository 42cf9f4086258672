package dev.tally.saga.participant;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The parameter of a {@link SagaCompensation} that takes what the action gave by {@link StepResult#withUndoToken}. It is {@code
 * null} where the action gave none, and where it is not known how work outside of a transaction ended. Where there was no
 * action at all, the method is not called.
 *
 * @since 0.1
 */
@Documented
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
public @interface UndoToken {}
