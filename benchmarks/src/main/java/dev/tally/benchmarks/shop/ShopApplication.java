package dev.tally.benchmarks.shop;

import dev.tally.benchmarks.application.StatementCount;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;

/** What all styles and roles have in common. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class ShopApplication {

    static final String COUNT_STATEMENTS = "bench.count-statements";

    @Bean
    ShopRows shopRows(JdbcTemplate jdbc, Progress progress) {
        return new ShopRows(jdbc, progress);
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
