package dev.tally.benchmarks.shop;

import dev.tally.benchmarks.shop.ShopMessages.Bill;
import dev.tally.benchmarks.shop.ShopMessages.CallOff;
import dev.tally.benchmarks.shop.ShopMessages.Charge;
import dev.tally.benchmarks.shop.ShopMessages.Release;
import dev.tally.benchmarks.shop.ShopMessages.Reserve;
import dev.tally.benchmarks.shop.ShopMessages.Withdraw;
import dev.tally.saga.participant.SagaAction;
import dev.tally.saga.participant.SagaCompensation;
import dev.tally.saga.participant.SagaParticipant;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Three participants, each with a row for its effect. */
final class ParticipantWiring {

    private ParticipantWiring() {}

    /** All of them. */
    @Configuration(proxyBeanMethods = false)
    @Import({Stock.class, Billing.class, Payments.class})
    static class All {}

    /** The same commands and answers, and nothing is remembered. */
    @Configuration(proxyBeanMethods = false)
    static class Forgetful {

        @Bean
        ForgetfulBarrier barrierStore() {
            return new ForgetfulBarrier();
        }
    }

    @SagaParticipant("stock")
    static class Stock {

        private final ShopRows rows;

        Stock(ShopRows rows) {
            this.rows = rows;
        }

        @SagaAction
        public void reserve(Reserve command) {
            rows.reserve(command.purchase());
        }

        @SagaCompensation
        public void release(Release command) {
            rows.release(command.purchase());
        }

        /** What was asked for was asked of somebody else. */
        @SagaCompensation(ofOthers = true)
        public void callOff(CallOff command) {
            rows.callOff(command.purchase());
        }
    }

    @SagaParticipant("billing")
    static class Billing {

        private final ShopRows rows;

        Billing(ShopRows rows) {
            this.rows = rows;
        }

        @SagaAction
        public void bill(Bill command) {
            rows.bill(command.purchase());
        }

        @SagaCompensation
        public void withdraw(Withdraw command) {
            rows.withdraw(command.purchase());
        }
    }

    @SagaParticipant("payments")
    static class Payments {

        private final ShopRows rows;

        Payments(ShopRows rows) {
            this.rows = rows;
        }

        @SagaAction
        public void charge(Charge command) {
            rows.charge(command.purchase());
        }
    }
}
