package dev.tally.requests.jpa;

import dev.tally.request.IdempotentRequest;
import jakarta.persistence.CascadeType;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.OneToMany;
import jakarta.persistence.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.data.domain.Persistable;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.http.HttpStatus;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** A service with keyed requests whose entities are in the view that Spring Boot opens for each request. */
@SpringBootConfiguration
@EnableAutoConfiguration
@EnableJpaRepositories(considerNestedRepositories = true)
@Import({JpaRequestsApplication.BasketController.class, JpaRequestsApplication.AtTheCommit.class})
class JpaRequestsApplication {

    record Filled(String basket, String then) {}

    @Entity
    @Table(name = "own_basket")
    static class Basket implements Persistable<String> {

        @Id
        String id;

        String remark = "";

        @OneToMany(mappedBy = "basket", cascade = CascadeType.ALL)
        List<Item> items = new ArrayList<>();

        protected Basket() {}

        Basket(String id) {
            this.id = id;
        }

        @Override
        public String getId() {
            return id;
        }

        /** Always inserted, so that a second one is found out by the database. */
        @Override
        public boolean isNew() {
            return true;
        }
    }

    @Entity
    @Table(name = "own_basket_item")
    static class Item {

        @Id
        String id;

        @ManyToOne
        Basket basket;

        protected Item() {}

        Item(String id, Basket basket) {
            this.id = id;
            this.basket = basket;
        }
    }

    interface Baskets extends JpaRepository<Basket, String> {}

    interface Items extends JpaRepository<Item, String> {}

    /** Works with entities while the request's transaction commits, and after it did. */
    static class AtTheCommit {

        private final Baskets baskets;
        private final Items items;
        private final EntityManager entities;
        final List<String> seen = new CopyOnWriteArrayList<>();

        AtTheCommit(Baskets baskets, Items items, EntityManager entities) {
            this.baskets = baskets;
            this.items = items;
            this.entities = entities;
        }

        @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
        void beforeCommit(Filled event) {
            if (event.then().equals("refuse")) {
                throw new IllegalStateException("refused before the commit");
            }
            Basket basket = baskets.findById(event.basket()).orElseThrow();
            basket.remark = "seen";
            baskets.saveAndFlush(managed(basket));
            items.save(new Item(event.basket() + "-last", basket));
            seen.add("before " + basket.items.size());
        }

        private Basket managed(Basket basket) {
            if (!entities.contains(basket)) {
                throw new IllegalStateException("basket " + basket.id + " is detached before the commit");
            }
            return basket;
        }

        @TransactionalEventListener(phase = TransactionPhase.AFTER_COMMIT)
        void afterCommit(Filled event) {
            // The same object as in the controller, whose collections can be loaded.
            Basket basket = entities.find(Basket.class, event.basket());
            seen.add("after " + entities.contains(basket) + " " + basket.remark.toUpperCase(Locale.ROOT));
        }
    }

    @RestController
    static class BasketController {

        private final Baskets baskets;
        private final ApplicationEventPublisher events;

        BasketController(Baskets baskets, ApplicationEventPublisher events) {
            this.baskets = baskets;
            this.events = events;
        }

        @PostMapping("/baskets")
        @IdempotentRequest
        @ResponseStatus(HttpStatus.CREATED)
        String fill(@RequestParam String id, @RequestParam(defaultValue = "") String then) {
            Basket basket = new Basket(id);
            basket.items.add(new Item(id + "-first", basket));
            // Nothing is written before the commit.
            baskets.save(basket);
            events.publishEvent(new Filled(id, then));
            if (then.equals("throw")) {
                throw new UnsupportedOperationException("not possible");
            }
            return "filled " + id;
        }

        @ExceptionHandler(UnsupportedOperationException.class)
        @ResponseStatus(HttpStatus.GONE)
        String notPossible() {
            return "not possible";
        }
    }

    @Bean
    SecurityFilterChain security(HttpSecurity http) throws Exception {
        return http.csrf(csrf -> csrf.disable())
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .build();
    }
}
