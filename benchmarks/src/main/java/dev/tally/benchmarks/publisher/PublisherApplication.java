package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.application.StatementCount;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.LifecycleProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;

/** What all contenders have in common. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class PublisherApplication {

    static final String NUMBERED = "bench.numbered";
    static final String COUNT_STATEMENTS = "bench.count-statements";

    @Bean
    OrderRows orderRows(JdbcTemplate jdbc, Commits commits, Environment environment) {
        return new OrderRows(jdbc, commits, environment.getProperty(NUMBERED, Boolean.class, false));
    }

    /** Starts nothing by itself: relays that are part of the application's life wait for {@link Relay#start()}. */
    @Bean(AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME)
    static LifecycleProcessor lifecycleProcessor() {
        return new DefaultLifecycleProcessor() {
            @Override
            public void onRefresh() {
                // Not yet.
            }
        };
    }

    @Bean
    static BeanPostProcessor countedStatements(StatementCount count, Environment environment) {
        boolean counted = environment.getProperty(COUNT_STATEMENTS, Boolean.class, false);
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                return counted && bean instanceof DataSource dataSource ? count.of(dataSource) : bean;
            }
        };
    }
}
