package dev.tally.saga.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.saga.RefusedException;
import org.junit.jupiter.api.Test;

class CountermeasuresTest {

    private record Terms(int price, String currency) {}

    @Test
    void theSameVersionPassesAndAnotherIsRefusedWithTheReason() {
        assertThatCode(() -> Countermeasures.requireVersion("order 17", 3, 3)).doesNotThrowAnyException();
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> Countermeasures.requireVersion("order 17", 3, 5))
                .withMessage("order 17 was changed by somebody else: it has version 5, the saga has seen version 3;"
                        + " nothing was changed");
    }

    @Test
    void whatIsAsItWasIsGivenBackAndAnythingElseIsRefused() {
        Terms seen = new Terms(7, "EUR");
        Terms now = new Terms(7, "EUR");

        assertThat(Countermeasures.reread("the price", seen, now)).isSameAs(now);
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> Countermeasures.reread("the price", seen, new Terms(8, "EUR")))
                .withMessageContaining("price=8")
                .withMessageContaining("price=7");
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> Countermeasures.reread("the price", seen, null))
                .withMessageContaining("it is null");
    }
}
