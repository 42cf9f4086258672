package dev.tally.architecture.planted.boot;

import org.springframework.boot.SpringApplication;

/** Planted: a library class that needs Spring Boot. */
public class UsesBoot {

    public SpringApplication application() {
        return new SpringApplication(UsesBoot.class);
    }
}
