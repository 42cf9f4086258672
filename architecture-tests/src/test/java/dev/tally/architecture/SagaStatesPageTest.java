package dev.tally.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SagaStatesPageTest {

    @Test
    void thePageShowsWhatTheTablesSay() throws IOException {
        Path page = Modules.root().resolve("docs/saga-states.md");
        String generated = SagaStatesPage.generate();
        if (Boolean.getBoolean("tally.docs.rewrite")) {
            Files.writeString(page, generated);
        }
        assertThat(page)
                .as("docs/saga-states.md is generated; -Dtally.docs.rewrite=true writes it anew")
                .hasContent(generated);
    }
}
