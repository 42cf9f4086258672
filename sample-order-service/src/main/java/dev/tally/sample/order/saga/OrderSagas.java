package dev.tally.sample.order.saga;

import dev.tally.saga.definition.LockPolicy;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.sample.order.payments.PaymentCommand;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * How orders are placed and cancelled by sagas. Both lock the order until they end, so that one that is being placed is
 * cancelled before or after that, never in the middle.
 */
@Configuration(proxyBeanMethods = false)
class OrderSagas {

    static final String PLACE = "place-order";
    static final String CANCEL = "cancel-order";

    /** The charge is the point of no return: what comes before it is undone if it is refused, what comes after it is done. */
    @Bean
    SagaDefinition<PlaceOrder> placeOrder(OrderSteps steps) {
        return SagaDefinition.named(PLACE, PlaceOrder.class)
                .deadline(Duration.ofHours(1))
                .lock("lock-order", saga -> CancelOrder.lockOf(saga.orderId()), LockPolicy.FAIL)
                .compensatable("create", step -> step.local((saga, context) -> steps.create(saga))
                        .undoneLocally((saga, context) -> steps.cancelCreated(saga)))
                .compensatable("reserve", step -> step.command("stock", PlaceOrder::reserve)
                        .onRefused(StockCommand.Shortage.class, (saga, refusal) -> saga.because(refusal.reason()))
                        .compensation(PlaceOrder::release))
                .pivot("charge", step -> step.command("payments", PlaceOrder::charge)
                        .onRefused(PaymentCommand.Refusal.class, (saga, refusal) -> saga.because(refusal.reason())))
                .retriable("confirm", step -> step.local((saga, context) -> steps.confirm(saga)))
                .build();
    }

    /**
     * The stock is given back after the refund, not before: a refund may be refused, and the order then needs its stock,
     * which somebody else might have got in between. Giving back cannot be refused.
     */
    @Bean
    SagaDefinition<CancelOrder> cancelOrder(OrderSteps steps) {
        return SagaDefinition.named(CANCEL, CancelOrder.class)
                .lock("lock-order", saga -> CancelOrder.lockOf(saga.orderId()), LockPolicy.QUEUE)
                .compensatable("begin", step -> step.local((saga, context) -> steps.beginCancelling(saga))
                        .undoneLocally((saga, context) -> steps.keep(saga)))
                .pivot("refund", step -> step.command("payments", CancelOrder::refund)
                        .when(CancelOrder::due))
                .retriable("give-back", step -> step.command("stock", CancelOrder::giveBack)
                        .when(CancelOrder::due))
                .retriable("cancel", step -> step.local((saga, context) -> steps.cancelConfirmed(saga))
                        .when(CancelOrder::due))
                .build();
    }
}
