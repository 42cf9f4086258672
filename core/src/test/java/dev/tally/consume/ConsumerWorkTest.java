package dev.tally.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.transport.Subscription;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConsumerWorkTest {

    private static SubscriptionCustomizer forwardingTo(@Nullable String wider) {
        return new SubscriptionCustomizer() {
            @Override
            public Subscription customize(Subscription annotated) {
                return annotated;
            }

            @Override
            public @Nullable String forwardTo(Subscription annotated) {
                return annotated.group().equals("stock") ? wider : null;
            }
        };
    }

    private static Subscription subscription(String topic, String group) {
        return new Subscription(topic, group, "*", 4, true, 16);
    }

    @Test
    void aGroupIsForwardedToAnotherTopicIfItHasOneHandler() {
        List<Subscription> fine = List.of(subscription("orders", "stock"), subscription("orders", "audit"));
        assertThat(ConsumerWork.forwardingFaults(fine, forwardingTo("orders-wide")))
                .isEmpty();
        assertThat(ConsumerWork.forwardingFaults(fine, forwardingTo(null))).isEmpty();
        assertThat(ConsumerWork.forwardingFaults(fine, forwardingTo("orders")))
                .singleElement()
                .asString()
                .contains("group 'stock'", "'orders'", "the same topic");
        assertThat(ConsumerWork.forwardingFaults(fine, forwardingTo(" "))).hasSize(1);
        assertThat(ConsumerWork.forwardingFaults(
                        List.of(subscription("orders", "stock"), subscription("returns", "stock")),
                        forwardingTo("orders-wide")))
                .hasSize(2)
                .allMatch(fault -> fault.contains("has 2 handlers"));
    }

    @Test
    void theHandlersLimitsAreNotTheForwarders() {
        Subscription annotated = new Subscription("orders", "stock", "a || b", 8, true, 5, 2, 1, 10, false);

        List<ConsumerWork> works = ConsumerWork.of(
                annotated,
                "a bean",
                subscription -> batch -> List.of(),
                forwardingTo("orders-wide"),
                new IdempotentConsumerRegistryTest.FakeTransport());

        assertThat(works)
                .extracting(ConsumerWork::subscription)
                .containsExactly(
                        new Subscription("orders-wide", "stock", "a || b", 8, true, 5, 2, 1, 10, false),
                        new Subscription("orders", "stock", "a || b", 8, true, 5));
        assertThat(works.get(1).name()).contains("orders-wide");
    }
}
