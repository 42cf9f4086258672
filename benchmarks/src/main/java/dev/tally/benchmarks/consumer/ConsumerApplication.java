package dev.tally.benchmarks.consumer;

import javax.sql.DataSource;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.LifecycleProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.jdbc.core.JdbcTemplate;

/** What all ways have in common. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class ConsumerApplication {

    static final String GROUP = "bench-consume";
    static final String TOPIC = "bench.topic";
    static final String THREADS = "bench.threads";
    static final String SLEEP = "bench.sleep";

    @Bean
    TimedTransactions transactionManager(DataSource dataSource, Handling handling) {
        return new TimedTransactions(dataSource, handling);
    }

    @Bean
    Accounts accounts(JdbcTemplate jdbc, Handling handling) {
        return new Accounts(jdbc, handling);
    }

    /** Starts nothing by itself: what consumes waits for {@link Consumption#start()}. */
    @Bean(AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME)
    static LifecycleProcessor lifecycleProcessor() {
        return new DefaultLifecycleProcessor() {
            @Override
            public void onRefresh() {
                // Not yet.
            }
        };
    }
}
