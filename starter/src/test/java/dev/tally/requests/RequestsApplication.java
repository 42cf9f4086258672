package dev.tally.requests;

import dev.tally.consume.ConsumeListener;
import dev.tally.request.IdempotentRequest;
import dev.tally.request.RequestKeyScope;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.view.RedirectView;

/** A service with requests that bring keys. */
@SpringBootConfiguration
@EnableAutoConfiguration(exclude = {HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class})
@Import({RequestsApplication.OrderController.class, RequestsApplication.OrderService.class})
class RequestsApplication {

    record PlaceOrder(String item, int quantity) {}

    record Placed(String number, String item) {}

    static final class RefusedException extends IllegalStateException {}

    static final class Recorded implements ConsumeListener {

        final List<String> events = new CopyOnWriteArrayList<>();

        @Override
        public void handled(String topic, String group, Duration took) {
            events.add("handled " + topic);
        }

        @Override
        public void duplicate(String topic, String group) {
            events.add("duplicate " + topic);
        }

        @Override
        public void failed(String topic, String group, Duration took, String reason) {
            events.add("failed " + topic + " " + reason);
        }
    }

    /** Takes part in the request's transaction. */
    static class OrderService {

        private final JdbcTemplate jdbc;

        OrderService(JdbcTemplate jdbc) {
            this.jdbc = jdbc;
        }

        @Transactional
        public void place(String item) {
            jdbc.update("INSERT INTO own_order (item) VALUES (?)", item);
        }

        /** Marks the transaction that it takes part in. */
        @Transactional
        public void refuse() {
            throw new IllegalStateException("no such item");
        }
    }

    @RestController
    static class OrderController {

        private final OrderService service;
        volatile CountDownLatch entered = new CountDownLatch(0);
        volatile CountDownLatch release = new CountDownLatch(0);
        volatile int calls;

        OrderController(OrderService service) {
            this.service = service;
        }

        @PostMapping("/orders")
        @IdempotentRequest
        ResponseEntity<Placed> place(
                @RequestBody PlaceOrder order,
                @RequestParam(defaultValue = "") String then,
                HttpServletResponse response)
                throws InterruptedException {
            calls++;
            service.place(order.item);
            entered.countDown();
            if (!release.await(90, TimeUnit.SECONDS)) {
                throw new IllegalStateException("was not let go on");
            }
            switch (then) {
                case "headers" -> {
                    response.setHeader("X-Shop", "never");
                    throw new IllegalStateException("broken");
                }
                case "throw" -> throw new IllegalStateException("broken");
                case "refuse" -> throw new RefusedException();
                case "catch" -> {
                    try {
                        service.refuse();
                    } catch (IllegalStateException e) {
                        return ResponseEntity.status(HttpStatus.UNPROCESSABLE_ENTITY)
                                .build();
                    }
                    throw new AssertionError("not refused");
                }
                case "503" -> {
                    return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE).build();
                }
                case "404" -> {
                    return ResponseEntity.notFound().build();
                }
                default -> {
                    return ResponseEntity.created(URI.create("/orders/" + calls))
                            .header("X-Shop", "a", "b")
                            .header("Set-Cookie", "session=secret")
                            .body(new Placed("n-" + calls, order.item));
                }
            }
        }

        @ExceptionHandler(RefusedException.class)
        ResponseEntity<String> refused() {
            return ResponseEntity.status(HttpStatus.GONE).body("refused");
        }

        @PostMapping("/redirects")
        @IdempotentRequest(header = "X-Request-Key")
        RedirectView redirect() {
            service.place("redirect");
            return new RedirectView("/elsewhere");
        }

        @PostMapping("/written")
        @IdempotentRequest
        void write(HttpServletResponse response) throws IOException {
            service.place("written");
            response.setContentType("text/plain;charset=UTF-8");
            response.getWriter().print("geschrieben: ä");
            response.flushBuffer();
        }

        @PostMapping("/redirects/{how}")
        @IdempotentRequest
        void redirect(@PathVariable String how, HttpServletResponse response) throws IOException {
            service.place("redirect " + how);
            response.getWriter().print("forgotten or not");
            switch (how) {
                case "status" -> response.sendRedirect("/elsewhere", 307);
                case "kept" -> response.sendRedirect("/elsewhere", false);
                default -> response.sendRedirect("/elsewhere");
            }
        }

        @PostMapping("/rewritten/{how}")
        @IdempotentRequest
        void rewrite(@PathVariable String how, HttpServletResponse response) throws IOException {
            response.getWriter().print("wrong");
            if (how.equals("all")) {
                response.reset();
            } else {
                response.resetBuffer();
            }
            response.getWriter().print("right");
        }

        /** Something fails when all of it is committed. */
        @PostMapping("/afterwards")
        @IdempotentRequest
        String failAfterwards() {
            service.place("afterwards");
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCommit() {
                    throw new IllegalStateException("after the commit");
                }
            });
            return "done";
        }

        @PostMapping("/errors")
        @IdempotentRequest
        void error(HttpServletResponse response) throws IOException {
            service.place("error");
            response.sendError(404, "not here");
        }

        @PostMapping("/forms")
        @IdempotentRequest
        String form(@RequestParam String item) {
            service.place(item);
            return "form " + item;
        }

        @PostMapping("/uploads")
        @IdempotentRequest
        String upload(@RequestParam Part file) throws IOException {
            String text = new String(file.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            service.place(text);
            return "uploaded " + text;
        }

        @PostMapping("/large")
        @IdempotentRequest
        String large(@RequestParam int size) {
            service.place("large");
            return "x".repeat(size);
        }

        @GetMapping("/free")
        String free() {
            return "free";
        }

        @PostMapping("/free/broken")
        String broken(HttpServletResponse response) {
            throw new IllegalStateException("broken");
        }

        @PostMapping("/free")
        String freePost(@RequestBody String body) {
            service.place(body);
            return body;
        }
    }

    /** What security filters and those of CORS do: says something about each response, before anything else. */
    @Bean
    FilterRegistrationBean<Filter> outer() {
        FilterRegistrationBean<Filter> registration = new FilterRegistrationBean<>((request, response, chain) -> {
            ((HttpServletResponse) response).addHeader("X-Outer", "one");
            ((HttpServletResponse) response).addHeader("X-Outer", "two");
            chain.doFilter(request, response);
        });
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return registration;
    }

    /** Users, of which each tenant has its own. */
    @Bean
    RequestKeyScope scope() {
        return request -> request.getHeader("X-Tenant") == null
                ? RequestKeyScope.userOf(request)
                : request.getHeader("X-Tenant") + "/" + RequestKeyScope.userOf(request);
    }

    @Bean
    Recorded recorded() {
        return new Recorded();
    }

    @Bean
    SecurityFilterChain security(HttpSecurity http) throws Exception {
        return http.csrf(csrf -> csrf.disable())
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .httpBasic(Customizer.withDefaults())
                .build();
    }

    @Bean
    UserDetailsService users() {
        return new InMemoryUserDetailsManager(
                User.withUsername("ann").password("{noop}pw").roles("X").build(),
                User.withUsername("bob").password("{noop}pw").roles("X").build());
    }
}
