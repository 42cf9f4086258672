package dev.tally.boot.actuate;

import dev.tally.boot.TallyDataSource;
import dev.tally.consume.IdempotentConsumer;
import dev.tally.message.Message;
import dev.tally.testkit.RecordingTransport;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Capability;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

/** Two outboxes, of orders and of bills, whose broker is a recorder; not scanned. */
class OperatedOutboxes {

    private final String suffix;

    OperatedOutboxes(@Value("${test.database}") String suffix) {
        this.suffix = suffix;
    }

    private DataSource inMemory(String name) {
        return new DriverManagerDataSource("jdbc:h2:mem:" + name + suffix + ";DB_CLOSE_DELAY=-1", "sa", "");
    }

    @Bean
    @Primary
    DataSource orders() {
        return inMemory("orders");
    }

    @Bean
    @Primary
    PlatformTransactionManager ordersTransactions(DataSource orders) {
        return new JdbcTransactionManager(orders);
    }

    @Bean
    DataSource bills() {
        return inMemory("bills");
    }

    @Bean
    PlatformTransactionManager billsTransactions(@Qualifier("bills") DataSource bills) {
        return new JdbcTransactionManager(bills);
    }

    @Bean
    TallyDataSource billing(
            @Qualifier("bills") DataSource bills,
            @Qualifier("billsTransactions") PlatformTransactionManager transactions) {
        return TallyDataSource.of("billing", bills, transactions);
    }

    @Bean
    RecordingTransport recording() {
        return new RecordingTransport();
    }

    @Bean
    @Primary
    Transport transport(RecordingTransport recording) {
        return new Transport() {
            @Override
            public String name() {
                return "recording";
            }

            @Override
            public Set<Capability> capabilities() {
                return recording.capabilities();
            }

            @Override
            public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
                return recording.send(messages);
            }

            @Override
            public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
                return () -> {};
            }

            @Override
            public void close() {}
        };
    }

    record Order(int number) {}

    static class Handler {

        @IdempotentConsumer(topic = "handled", group = "handlers")
        public void handle(Order order) {}
    }

    @Bean
    Handler handler() {
        return new Handler();
    }
}
