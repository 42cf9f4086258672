package dev.tally.sample.stock;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/**
 * The stock service.
 *
 * @since 0.1
 */
@SpringBootApplication
@ConfigurationPropertiesScan
public class StockServiceApplication {

    /** Starts the service; settings are in {@code application.yaml}. */
    public static void main(String[] args) {
        SpringApplication.run(StockServiceApplication.class, args);
    }
}
