package dev.tally.saga.participant;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Does a step. The method takes the command's payload first (a class, or a sealed type for several) and optionally a {@link
 * dev.tally.saga.StepContext}. It returns nothing, the payload of the answer, or a {@link StepResult}. It refuses for a reason
 * of the business by {@link StepResult#refused} or a {@link dev.tally.saga.RefusedException}; what it has written is taken back
 * then, and so is a refusal's effect on later commands of the step: they get the same refusal. Any other exception takes
 * everything back too, and is answered as failed, so that the saga may try again.
 *
 * @since 0.1
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface SagaAction {

    /**
     * Whether the method runs in the transaction of the barrier; true by default. With false it runs outside of any, for work
     * that others do (HTTP, Redis): it may run again after a failure or a crash, with the same {@link
     * dev.tally.saga.StepContext#idempotencyKey()}, and has to pass that key on.
     */
    boolean transactional() default true;
}
