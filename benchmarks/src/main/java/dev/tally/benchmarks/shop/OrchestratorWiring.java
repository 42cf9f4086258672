package dev.tally.benchmarks.shop;

import dev.tally.benchmarks.shop.ShopMessages.Ask;
import dev.tally.benchmarks.shop.ShopMessages.Bill;
import dev.tally.benchmarks.shop.ShopMessages.CallOff;
import dev.tally.benchmarks.shop.ShopMessages.Charge;
import dev.tally.benchmarks.shop.ShopMessages.Release;
import dev.tally.benchmarks.shop.ShopMessages.Reserve;
import dev.tally.benchmarks.shop.ShopMessages.Withdraw;
import dev.tally.saga.Sagas;
import dev.tally.saga.definition.RetryPolicy;
import dev.tally.saga.definition.SagaDefinition;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.support.TransactionTemplate;

/** The definitions of sagas, and who begins them. */
@Configuration(proxyBeanMethods = false)
class OrchestratorWiring {

    static final String PURCHASE = "purchase";

    /** Nobody waits for that: the timers that are measured are rows that say something else. */
    private static final Duration LONG = Duration.ofHours(12);

    private static final String NOBODY = "nobody";

    @Bean
    SagaDefinition<Purchase> purchase(ShopRows rows) {
        return SagaDefinition.named(PURCHASE, Purchase.class)
                .deadline(Duration.ofHours(1))
                .compensatable("reserve", step -> step.command(
                                "stock", purchase -> new Reserve(purchase.id(), purchase.customer()))
                        .compensation(purchase -> new Release(purchase.id())))
                .compensatable(
                        "bill", step -> step.command("billing", purchase -> new Bill(purchase.id(), purchase.cents()))
                                .compensation(purchase -> new Withdraw(purchase.id())))
                .pivot(
                        "charge",
                        step -> step.command(
                                "payments",
                                purchase -> new Charge(purchase.id(), purchase.customer(), purchase.cents())))
                .retriable(
                        "confirm",
                        step -> step.local((purchase, context) -> {
                            rows.confirm(purchase.id());
                            return purchase;
                        }))
                .build();
    }

    /** Its time-out ends it, with a row. */
    @Bean
    SagaDefinition<Purchase> waiting(ShopRows rows) {
        return SagaDefinition.named("waiting", Purchase.class)
                .compensatable("ask", step -> step.command(NOBODY, purchase -> new Ask(purchase.id()))
                        .timeout(LONG)
                        .retry(RetryPolicy.OF_STEPS.withMaxAttempts(1))
                        .undoneLocally((purchase, context) -> {
                            rows.callOff(purchase.id());
                            return purchase;
                        }))
                .build();
    }

    /** Its time-out sends a compensation; the answer to that ends it. */
    @Bean
    SagaDefinition<Purchase> waitingCommands() {
        return SagaDefinition.named("waiting-commands", Purchase.class)
                .compensatable("ask", step -> step.command(NOBODY, purchase -> new Ask(purchase.id()))
                        .timeout(LONG)
                        .retry(RetryPolicy.OF_STEPS.withMaxAttempts(1))
                        // 100,000 answers may take longer than the default.
                        .compensationTimeout(LONG)
                        .compensation("stock", purchase -> new CallOff(purchase.id())))
                .build();
    }

    @Bean
    SagaStarter starter(Sagas sagas, TransactionTemplate transactions) {
        return new SagaStarter(sagas, transactions);
    }

    @Bean
    Purchases purchases(SagaStarter starter, ShopRows rows) {
        return purchase -> starter.start(PURCHASE, purchase, () -> rows.insert(purchase));
    }
}
