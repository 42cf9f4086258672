package dev.tally.requests;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.consume.IdempotentConsumer;
import dev.tally.consume.InvalidConsumerException;
import dev.tally.request.IdempotentRequest;
import dev.tally.request.InvalidRequestHandlerException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** What could not keep its promise ends the start-up. */
class FaultyRequestHandlersTest {

    @TempDir
    Path directory;

    @RestController
    static class Controller {

        @GetMapping("/get")
        @IdempotentRequest
        String get() {
            return "";
        }

        @RequestMapping("/all")
        @IdempotentRequest
        String all() {
            return "";
        }

        @PostMapping("/later")
        @IdempotentRequest
        CompletableFuture<String> later() {
            return CompletableFuture.completedFuture("");
        }

        @PostMapping("/call")
        @IdempotentRequest
        Callable<String> call() {
            return () -> "";
        }

        @PostMapping("/stream")
        @IdempotentRequest(header = " ")
        ResponseEntity<StreamingResponseBody> stream() {
            return ResponseEntity.ok().build();
        }

        @PostMapping("/apart")
        @IdempotentRequest
        @Transactional(propagation = Propagation.REQUIRES_NEW)
        public String apart() {
            return "";
        }

        @PostMapping("/other")
        @IdempotentRequest
        @Transactional("otherTransactions")
        public String other() {
            return "";
        }

        @PostMapping("/none")
        @IdempotentRequest
        @Transactional("noTransactions")
        public String none() {
            return "";
        }

        @PostMapping("/same")
        @IdempotentRequest
        @Transactional("transactionManager")
        public String same() {
            return "";
        }

        @IdempotentRequest
        public String unmapped() {
            return "";
        }
    }

    @RestController
    @Transactional(propagation = Propagation.NOT_SUPPORTED)
    static class Untransacted {

        @PostMapping("/untransacted")
        @IdempotentRequest
        public String untransacted() {
            return "";
        }

        @PostMapping("/never")
        @IdempotentRequest
        @Transactional(propagation = Propagation.NEVER)
        public String never() {
            return "";
        }
    }

    static class Listener {

        @IdempotentConsumer(group = "listener")
        public void on(String text) {}
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration(
            exclude = {HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class})
    @Import({Controller.class, Untransacted.class})
    static class WithController {

        @Bean(defaultCandidate = false)
        PlatformTransactionManager otherTransactions(DataSource dataSource) {
            return new DataSourceTransactionManager(dataSource);
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration(
            exclude = {HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class})
    @Import(Listener.class)
    static class WithListener {}

    private void start(Class<?> application) {
        new SpringApplicationBuilder(application)
                .run(
                        "--server.port=0",
                        "--spring.datasource.generate-unique-name=true",
                        "--tally.jdbc.initialize-schema=always",
                        "--tally.broker.data-directory=" + directory.resolve("broker"),
                        "--tally.rocketmq.close-timeout=1s")
                .close();
    }

    @Test
    void listsAllFaultsOfHandlers() {
        assertThatExceptionOfType(InvalidRequestHandlerException.class)
                .isThrownBy(() -> start(WithController.class))
                .withMessageContaining("Cannot start: 12 faults")
                .withMessageContaining("it takes [GET], and requests that change nothing need no key")
                .withMessageContaining("it takes every HTTP method")
                .withMessageContaining("it returns a CompletableFuture")
                .withMessageContaining("it returns a Callable")
                .withMessageContaining("it returns a ResponseEntity, whose content comes after the transaction")
                .withMessageContaining("its header is blank")
                .withMessageContaining(
                        "Controller#apart[0 args]: its transaction is REQUIRES_NEW, apart from the one that"
                                + " remembers the request; make it REQUIRED")
                .withMessageContaining("Untransacted#untransacted[0 args]: it must not run in a transaction, and Tally")
                .withMessageContaining("Untransacted#never[0 args]: it must not run in a transaction, and Tally")
                .withMessageContaining("Controller#other[0 args]: its transactions are those of 'otherTransactions'")
                .withMessageContaining("Controller#none[0 args]: there is no transaction manager 'noTransactions'")
                .withMessageContaining("Controller.unmapped: it handles no HTTP requests");
    }

    @Test
    void namesTheTypesThatGuardsKnow() {
        assertThatExceptionOfType(InvalidConsumerException.class)
                .isThrownBy(() -> start(WithListener.class))
                .withMessageContaining("Listener.on: it cannot be told which message it is called for")
                .withMessageContaining("org.apache.kafka.clients.consumer.ConsumerRecord")
                .withMessageContaining("org.springframework.amqp.core.Message")
                .withMessageContaining("jakarta.jms.Message")
                .withMessageContaining("org.apache.rocketmq.common.message.MessageExt");
    }
}
