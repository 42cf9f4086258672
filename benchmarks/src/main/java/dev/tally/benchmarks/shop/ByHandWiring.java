package dev.tally.benchmarks.shop;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.shop.ShopMessages.Bill;
import dev.tally.benchmarks.shop.ShopMessages.Charge;
import dev.tally.benchmarks.shop.ShopMessages.Reserve;
import dev.tally.benchmarks.shop.ShopMessages.StepDone;
import dev.tally.consume.IdempotentConsumer;
import dev.tally.publish.MessagePublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The same messages and business rows without sagas: our outbox and inbox, and a column that says how far a purchase is. No
 * history, no timers, no way back: what a saga costs is the difference to this.
 */
@Configuration(proxyBeanMethods = false)
@Import({ByHandWiring.Participants.class, ByHandWiring.Coordinator.class})
class ByHandWiring {

    private static final int RESERVED = 1;
    private static final int BILLED = 2;
    private static final int CHARGED = 3;

    /** As many as the orchestrator has by default. */
    private static final int REPLY_HANDLERS = 8;

    @Bean
    Purchases purchases(ShopRows rows, MessagePublisher publisher, TransactionTemplate transactions) {
        return purchase -> transactions.executeWithoutResult(status -> {
            rows.insert(purchase);
            publish(publisher, ShopTopics.STOCK, purchase.id(), new Reserve(purchase.id(), purchase.customer()));
        });
    }

    private static void publish(MessagePublisher publisher, String topic, long purchase, Object payload) {
        var unused = publisher.publish(topic, Long.toString(purchase), payload);
    }

    static class Participants {

        private final ShopRows rows;
        private final MessagePublisher publisher;

        Participants(ShopRows rows, MessagePublisher publisher) {
            this.rows = rows;
            this.publisher = publisher;
        }

        @IdempotentConsumer(topic = ShopTopics.STOCK, group = "bench-stock")
        public void reserve(Reserve command) {
            rows.reserve(command.purchase());
            done(command.purchase(), RESERVED);
        }

        @IdempotentConsumer(topic = ShopTopics.BILLING, group = "bench-billing")
        public void bill(Bill command) {
            rows.bill(command.purchase());
            done(command.purchase(), BILLED);
        }

        @IdempotentConsumer(topic = ShopTopics.PAYMENTS, group = "bench-payments")
        public void charge(Charge command) {
            rows.charge(command.purchase());
            done(command.purchase(), CHARGED);
        }

        private void done(long purchase, int step) {
            publish(publisher, ShopTopics.REPLIES, purchase, new StepDone(purchase, step));
        }
    }

    static class Coordinator {

        private final ShopRows rows;
        private final MessagePublisher publisher;

        Coordinator(ShopRows rows, MessagePublisher publisher) {
            this.rows = rows;
            this.publisher = publisher;
        }

        @IdempotentConsumer(topic = ShopTopics.REPLIES, group = "bench-coordinator", concurrency = REPLY_HANDLERS)
        public void goOn(StepDone done) {
            Purchase purchase = Purchase.of(done.purchase());
            rows.moveTo(purchase.id(), done.step());
            switch (done.step()) {
                case RESERVED ->
                    publish(publisher, ShopTopics.BILLING, purchase.id(), new Bill(purchase.id(), purchase.cents()));
                case BILLED ->
                    publish(
                            publisher,
                            ShopTopics.PAYMENTS,
                            purchase.id(),
                            new Charge(purchase.id(), purchase.customer(), purchase.cents()));
                case CHARGED -> rows.confirm(purchase.id());
                default -> throw new BenchmarkException("There is no step " + done);
            }
        }
    }
}
