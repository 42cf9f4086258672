package dev.tally.saga.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SagaMessagesTest {

    private static Message message(Headers headers) {
        return new Message(
                new MessageId("m-1"), new Destination("stock-commands", null), "s-1", "t", headers, new byte[0]);
    }

    @Test
    void aCommandSaysAllOfItInItsHeaders() {
        Instant deadline = Instant.ofEpochMilli(1_000_000);
        for (boolean elsewhere : new boolean[] {false, true}) {
            SagaCommand command =
                    new SagaCommand("s-1", "order", "reserve", 2, true, deadline, Instant.EPOCH, "replies", elsewhere);
            assertThat(SagaCommand.of(message(command.headers()))).isEqualTo(command);
        }
        SagaCommand plain = new SagaCommand("s-1", "order", "reserve", 1, false, null, Instant.EPOCH, "replies");
        assertThat(SagaCommand.of(message(plain.headers()))).isEqualTo(plain);
        assertThat(plain.headers().asMap()).doesNotContainKeys(SagaHeaders.DEADLINE, SagaHeaders.ELSEWHERE);
    }

    @Test
    void aReplySaysAllOfItInItsHeaders() {
        for (ReplyOutcome outcome : ReplyOutcome.values()) {
            SagaReply reply = new SagaReply("s-1", "reserve", 3, false, outcome, "no room");
            assertThat(SagaReply.of(message(reply.headers()))).isEqualTo(reply);
        }
        SagaReply long1 = new SagaReply("s-1", "reserve", 3, true, ReplyOutcome.FAILED, "a\nb" + "x".repeat(1000));
        assertThat(SagaReply.of(message(long1.headers())).reason())
                .startsWith("a b")
                .hasSize(500);
    }

    @Test
    void whatIsMissingOrMakesNoSenseIsToldByName() {
        Headers headers = new SagaReply("s-1", "reserve", 3, false, ReplyOutcome.DONE, null).headers();
        assertThatThrownBy(() -> SagaReply.of(message(Headers.empty())))
                .isInstanceOf(SagaMessageException.class)
                .hasMessageContaining("the header tally-saga-outcome is missing");
        assertThatThrownBy(() -> SagaReply.of(message(headers.with(SagaHeaders.ATTEMPT, "0"))))
                .hasMessageContaining("its header tally-saga-attempt is '0'");
        assertThatThrownBy(() -> SagaReply.of(message(headers.with(SagaHeaders.PHASE, "redo"))))
                .hasMessageContaining("its header tally-saga-phase is 'redo'");
        assertThatThrownBy(() -> SagaReply.of(message(headers.with(SagaHeaders.OUTCOME, "perhaps"))))
                .hasMessageContaining("its header tally-saga-outcome is 'perhaps'");
    }
}
