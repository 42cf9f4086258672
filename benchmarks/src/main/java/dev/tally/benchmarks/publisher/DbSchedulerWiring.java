package dev.tally.benchmarks.publisher;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.serializer.JacksonSerializer;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.time.Timing;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** db-scheduler: a one-time task for each order, scheduled in its transaction. */
@Configuration(proxyBeanMethods = false)
class DbSchedulerWiring {

    static final int THREADS = 20;
    static final double LOWER = 4;
    static final double UPPER = 20;
    static final Duration POLLING = Duration.ofMillis(100);
    static final Duration HEARTBEAT = Duration.ofSeconds(1);
    static final int MISSED_HEARTBEATS = 4;

    private static final List<String> TABLE = List.of("""
            CREATE TABLE IF NOT EXISTS scheduled_tasks (
                task_name TEXT NOT NULL,
                task_instance TEXT NOT NULL,
                task_data BYTEA,
                execution_time TIMESTAMP WITH TIME ZONE NOT NULL,
                picked BOOLEAN NOT NULL,
                picked_by TEXT,
                last_success TIMESTAMP WITH TIME ZONE,
                last_failure TIMESTAMP WITH TIME ZONE,
                consecutive_failures INT,
                last_heartbeat TIMESTAMP WITH TIME ZONE,
                version BIGINT NOT NULL,
                priority SMALLINT,
                PRIMARY KEY (task_name, task_instance))""", """
            CREATE INDEX IF NOT EXISTS execution_time_idx ON scheduled_tasks (execution_time)""", """
            CREATE INDEX IF NOT EXISTS last_heartbeat_idx ON scheduled_tasks (last_heartbeat)""");

    @Bean
    OneTimeTask<Order> task(Deliveries deliveries) {
        return Tasks.oneTime("order", Order.class)
                .execute((instance, context) ->
                        deliveries.delivered(instance.getData().orderId()));
    }

    @Bean(destroyMethod = "stop")
    Scheduler scheduler(DataSource dataSource, JdbcTemplate jdbc, OneTimeTask<Order> task) {
        TABLE.forEach(jdbc::execute);
        return Scheduler.create(new TransactionAwareDataSourceProxy(dataSource), task)
                .serializer(new JacksonSerializer())
                .threads(THREADS)
                .pollUsingLockAndFetch(LOWER, UPPER)
                .pollingInterval(POLLING)
                .heartbeatInterval(HEARTBEAT)
                .missedHeartbeatsLimit(MISSED_HEARTBEATS)
                .shutdownMaxWait(Duration.ofSeconds(1))
                .build();
    }

    @Bean
    Orders orders(
            OrderRows rows,
            TransactionTemplate transactions,
            Scheduler scheduler,
            OneTimeTask<Order> task,
            Timing timing) {
        return new SpringOrders(rows, transactions) {
            @Override
            void publish(Order order) {
                TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                    @Override
                    public void afterCommit() {
                        if (scheduler.getSchedulerState().isStarted()) {
                            scheduler.triggerCheckForDueExecutions();
                        }
                    }
                });
                scheduler.scheduleBatch(
                        List.<TaskInstance<?>>of(task.instance(Long.toString(order.orderId()), order)), timing.now());
            }
        };
    }

    @Bean
    Relay relay(Scheduler scheduler) {
        return scheduler::start;
    }
}
