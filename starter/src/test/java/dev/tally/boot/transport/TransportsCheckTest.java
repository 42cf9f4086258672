package dev.tally.boot.transport;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.boot.transport.choice.TransportChoiceException;
import dev.tally.testkit.RecordingTransport;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TransportsCheckTest {

    @Test
    void namesWhatIsChosenAndCouldNotBeWired() {
        assertThatThrownBy(() -> new TransportsCheck(Set.of("redis"), List.of(new RecordingTransport()))
                        .afterSingletonsInstantiated())
                .isInstanceOf(TransportChoiceException.class)
                .hasMessageContaining("[redis] could not be wired")
                .hasMessageContaining("-data-redis");
    }

    @Test
    void isContentWithWhatIsThere() {
        assertThatCode(() -> new TransportsCheck(Set.of("recording"), List.of(new RecordingTransport()))
                        .afterSingletonsInstantiated())
                .doesNotThrowAnyException();
    }
}
