package dev.tally.sample.order;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/**
 * The order service.
 *
 * @since 0.1
 */
@SpringBootApplication
@ConfigurationPropertiesScan
public class OrderServiceApplication {

    /** Starts the service; settings are in {@code application.yaml}. */
    public static void main(String[] args) {
        SpringApplication.run(OrderServiceApplication.class, args);
    }
}
