package dev.tally.consume.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class WatermarkTest {

    private final Watermark mark = new Watermark(10);

    @Test
    void passesNothingThatIsOpen() {
        mark.opened(10);
        mark.opened(11);
        mark.opened(14);
        mark.settled(11);
        assertThat(mark.next()).isEqualTo(10);
        mark.settled(10);
        assertThat(mark.next()).isEqualTo(12);
        assertThat(mark.size()).isEqualTo(1);
        mark.settled(14);
        mark.settled(14);
        assertThat(mark.next()).isEqualTo(15);
    }

    @Test
    void refusesAPositionThatCameBefore() {
        mark.opened(12);
        assertThatIllegalArgumentException().isThrownBy(() -> mark.opened(12));
        assertThatIllegalArgumentException().isThrownBy(() -> mark.opened(9));
    }
}
