package dev.tally.boot;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** On H2. */
class H2StarterTest extends StarterContract {

    @TempDir
    static Path directory;

    @DynamicPropertySource
    static void properties(DynamicPropertyRegistry registry) {
        registry.add("spring.datasource.url", () -> "jdbc:h2:mem:starter;DB_CLOSE_DELAY=-1");
        registry.add("tally.broker.data-directory", () -> directory.resolve("broker"));
    }
}
