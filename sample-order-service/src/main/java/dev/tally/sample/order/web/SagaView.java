package dev.tally.sample.order.web;

import dev.tally.saga.SagaState;
import org.jspecify.annotations.Nullable;

/**
 * The sagas of an order as clients see them.
 *
 * @param placing where the one is that places it; {@code null} if it was placed without one
 * @param cancelling where the one is that cancels it; {@code null} if there is none
 */
record SagaView(
        String orderId,
        @Nullable SagaState placing,
        @Nullable SagaState cancelling) {}
