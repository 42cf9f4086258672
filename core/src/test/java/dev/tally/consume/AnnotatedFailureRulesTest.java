package dev.tally.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Headers;
import dev.tally.message.MessageId;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class AnnotatedFailureRulesTest {

    private static final MessageContext MESSAGE =
            new MessageContext(new MessageId("m"), "orders", "stock", null, "t", Headers.empty(), 1);

    static class Handlers {

        @IdempotentConsumer(
                topic = "orders",
                group = "stock",
                deadLetterFor = {IOException.class, NumberFormatException.class},
                skipFor = FileNotFoundException.class,
                stopFor = IllegalStateException.class)
        void ruled(String payload) {}

        @IdempotentConsumer(
                topic = "orders",
                group = "stock",
                deadLetterFor = IOException.class,
                stopFor = IOException.class)
        void contradicting(String payload) {}
    }

    private static IdempotentConsumer annotationOf(String method) {
        return Arrays.stream(Handlers.class.getDeclaredMethods())
                .filter(each -> each.getName().equals(method))
                .map((Method each) -> each.getAnnotation(IdempotentConsumer.class))
                .findFirst()
                .orElseThrow();
    }

    private static FailureAction actionFor(Throwable failure) {
        return new AnnotatedFailureRules(annotationOf("ruled"), (message, other) -> FailureAction.RETRY)
                .actionFor(MESSAGE, failure);
    }

    @Test
    void theNearestClassDecides() {
        assertThat(actionFor(new IOException())).isEqualTo(FailureAction.DEAD_LETTER);
        assertThat(actionFor(new FileNotFoundException())).isEqualTo(FailureAction.SKIP);
        assertThat(actionFor(new IllegalStateException())).isEqualTo(FailureAction.STOP);
        assertThat(actionFor(new RuntimeException())).isEqualTo(FailureAction.RETRY);
    }

    @Test
    void aCauseDecidesWhereTheFailureIsNotNamed() {
        assertThat(actionFor(new UncheckedIOException(new FileNotFoundException())))
                .isEqualTo(FailureAction.SKIP);
        assertThat(actionFor(new IllegalStateException(new IOException()))).isEqualTo(FailureAction.STOP);
    }

    @Test
    void seesContradictions() {
        assertThat(AnnotatedFailureRules.contradictions(annotationOf("contradicting")))
                .containsExactly("IOException");
        assertThat(AnnotatedFailureRules.contradictions(annotationOf("ruled"))).isEmpty();
    }
}
