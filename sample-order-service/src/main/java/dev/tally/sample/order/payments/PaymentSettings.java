package dev.tally.sample.order.payments;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the payments. Which order meets a mishap is decided by its id, so that the same orders always meet the same.
 *
 * @param refusalRate the share of charges and refunds that are refused, from 0 to 1; none by default
 * @param failureRate the share of attempts that fail without an answer, from 0 to 1; none by default
 */
@ConfigurationProperties("sample.payments")
record PaymentSettings(
        @DefaultValue("0") double refusalRate,
        @DefaultValue("0") double failureRate) {

    PaymentSettings {
        check("refusal-rate", refusalRate);
        check("failure-rate", failureRate);
    }

    private static void check(String name, double rate) {
        if (!(rate >= 0 && rate <= 1)) {
            throw new IllegalArgumentException("sample.payments." + name + " is " + rate + ", not from 0 to 1");
        }
    }

    /** Whether this charge or refund is refused, at every attempt alike. */
    boolean refuses(Payment.Kind kind, String orderId) {
        return share("refuse " + kind + ' ' + orderId) < refusalRate;
    }

    /** Whether this attempt fails; the next one may not. */
    boolean fails(Payment.Kind kind, String orderId, int attempt) {
        return share("fail " + kind + ' ' + orderId + ' ' + attempt) < failureRate;
    }

    /** A number from 0 to 1, below 1, that looks random and is always the same for the same text. */
    private static double share(String text) {
        // Texts that differ in the last digit alone have neighbouring hash codes: their bits are mixed.
        int mixed = text.hashCode();
        mixed = (mixed ^ (mixed >>> 16)) * 0x85ebca6b;
        mixed = (mixed ^ (mixed >>> 13)) * 0xc2b2ae35;
        return ((mixed ^ (mixed >>> 16)) >>> 8) / (double) (1 << 24);
    }
}
