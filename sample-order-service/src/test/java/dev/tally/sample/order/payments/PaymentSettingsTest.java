package dev.tally.sample.order.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PaymentSettingsTest {

    @Test
    void theSameOrdersAlwaysMeetTheSame() {
        PaymentSettings settings = new PaymentSettings(0.5, 0.5);

        assertThat(IntStream.range(0, 100))
                .allMatch(i -> settings.refuses(Payment.Kind.CHARGE, "G" + i)
                        == new PaymentSettings(0.5, 0).refuses(Payment.Kind.CHARGE, "G" + i));
    }

    @Test
    void aRateIsTheShareOfTheOrdersThatMeetIt() {
        PaymentSettings settings = new PaymentSettings(0.1, 0.3);

        assertThat(IntStream.range(0, 10_000).filter(i -> settings.refuses(Payment.Kind.CHARGE, "G" + i)))
                .hasSizeBetween(800, 1200);
        assertThat(IntStream.range(0, 10_000).filter(i -> settings.fails(Payment.Kind.REFUND, "G" + i, 1)))
                .hasSizeBetween(2700, 3300);
    }

    @Test
    void noneAndAllAreRatesToo() {
        assertThat(IntStream.range(0, 1000))
                .noneMatch(i -> new PaymentSettings(0, 0).refuses(Payment.Kind.CHARGE, "G" + i))
                .allMatch(i -> new PaymentSettings(1, 1).fails(Payment.Kind.CHARGE, "G" + i, i));
    }

    @Test
    void refusesSharesThatAreNone() {
        assertThatThrownBy(() -> new PaymentSettings(1.1, 0))
                .hasMessageContaining("sample.payments.refusal-rate is 1.1");
        assertThatThrownBy(() -> new PaymentSettings(0, Double.NaN)).hasMessageContaining("failure-rate");
    }
}
