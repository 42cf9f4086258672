package dev.tally.sagas;

import dev.tally.saga.RefusedException;
import dev.tally.saga.Sagas;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.participant.SagaAction;
import dev.tally.saga.participant.SagaCompensation;
import dev.tally.saga.participant.SagaParticipant;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.transaction.annotation.Transactional;

/** An orchestrator and its participants in one application. */
@SpringBootConfiguration
@EnableAutoConfiguration(exclude = {HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class})
@Import({SagaApplication.Orders.class, SagaApplication.Stock.class, SagaApplication.Payments.class})
class SagaApplication {

    @Bean
    @ConditionalOnWebApplication
    SecurityFilterChain open(HttpSecurity http) {
        return http.csrf(csrf -> csrf.disable())
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .build();
    }

    record PlaceOrder(
            String id, String item, int price, @Nullable String reservation, boolean confirmed) {

        PlaceOrder reserved(String newReservation) {
            return new PlaceOrder(id, item, price, newReservation, confirmed);
        }
    }

    record Reserve(String order, String item) {}

    record Release(String order, @Nullable String reservation) {}

    record Reserved(String reservation) {}

    record Charge(String order, int price) {}

    @Bean
    SagaDefinition<PlaceOrder> placeOrder(Orders orders) {
        return SagaDefinition.named("place-order", PlaceOrder.class)
                .deadline(Duration.ofHours(1))
                .compensatable("create", step -> step.local((order, context) -> orders.create(order))
                        .undoneLocally((order, context) -> orders.cancel(order)))
                .compensatable("reserve", step -> step.command("stock", order -> new Reserve(order.id(), order.item()))
                        .onDone(Reserved.class, (order, reserved) -> order.reserved(reserved.reservation()))
                        .compensation(order -> new Release(order.id(), order.reservation())))
                .pivot("charge", step -> step.command("payments", order -> new Charge(order.id(), order.price())))
                .retriable("confirm", step -> step.local((order, context) -> orders.confirm(order)))
                .build();
    }

    static class Orders {

        private final JdbcTemplate jdbc;
        private final Sagas sagas;

        Orders(JdbcTemplate jdbc, Sagas sagas) {
            this.jdbc = jdbc;
            this.sagas = sagas;
        }

        @Transactional
        public String place(String id, String item, int price) {
            return sagas.start("place-order", id, new PlaceOrder(id, item, price, null, false))
                    .id();
        }

        PlaceOrder create(PlaceOrder order) {
            jdbc.update("INSERT INTO shop_order (id, state) VALUES (?, 'NEW')", order.id());
            return order;
        }

        PlaceOrder cancel(PlaceOrder order) {
            jdbc.update("UPDATE shop_order SET state = 'CANCELLED' WHERE id = ?", order.id());
            return order;
        }

        PlaceOrder confirm(PlaceOrder order) {
            jdbc.update("UPDATE shop_order SET state = 'CONFIRMED' WHERE id = ?", order.id());
            return order;
        }
    }

    @SagaParticipant("stock")
    static class Stock {

        private final JdbcTemplate jdbc;

        Stock(JdbcTemplate jdbc) {
            this.jdbc = jdbc;
        }

        @SagaAction
        public Reserved reserve(Reserve command) {
            jdbc.update("INSERT INTO reservation (order_id, item) VALUES (?, ?)", command.order(), command.item());
            return new Reserved("r-" + command.order());
        }

        @SagaCompensation
        public void release(Release command) {
            jdbc.update("DELETE FROM reservation WHERE order_id = ?", command.order());
        }
    }

    @SagaParticipant("payments")
    static class Payments {

        private final JdbcTemplate jdbc;

        Payments(JdbcTemplate jdbc) {
            this.jdbc = jdbc;
        }

        @SagaAction
        public void charge(Charge command) {
            jdbc.update("INSERT INTO payment (order_id) VALUES (?)", command.order());
            if (command.price() > 1000) {
                throw new RefusedException("not that much");
            }
        }
    }
}
