package dev.tally.saga.participant;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Undoes a step. The method takes the command's payload first, and optionally a {@link dev.tally.saga.StepContext} and a
 * parameter annotated with {@link UndoToken}. It returns what a {@link SagaAction} returns. It is called once with effect, and
 * only if the action has taken effect or may have: where the action was never here or was refused, the command is answered as
 * done without a call, and an action that comes later has no effect.
 *
 * <p>A compensation has no deadline: doing it late is better than not doing it. One that is refused is asked once more when a
 * person lets the saga try again.
 *
 * @since 0.1
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface SagaCompensation {

    /** Whether the method runs in the transaction of the barrier; true by default. As {@link SagaAction#transactional()}. */
    boolean transactional() default true;

    /**
     * Whether it undoes what another participant, or the saga itself, has done; false by default. It is then called although
     * no action of the step was ever here. Tally's orchestrator says so with each such command; to be set for others.
     */
    boolean ofOthers() default false;
}
