package dev.tally.boot;

import dev.tally.testkit.MariaDbServer;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** On MariaDB. */
@DirtiesContext
class MariaDbStarterTest extends StarterContract {

    @TempDir
    static Path directory;

    @DynamicPropertySource
    static void properties(DynamicPropertyRegistry registry) {
        registry.add("spring.datasource.url", () -> MariaDbServer.shared().urlCreating("starter"));
        registry.add("tally.broker.data-directory", () -> directory.resolve("broker"));
    }
}
