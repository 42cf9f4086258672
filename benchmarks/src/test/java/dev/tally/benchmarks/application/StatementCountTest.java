package dev.tally.benchmarks.application;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.testkit.H2Database;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

class StatementCountTest {

    @Test
    void takesABatchForOneCallAndForAllOfItsElements() {
        try (H2Database database = H2Database.inMemory()) {
            StatementCount count = new StatementCount();
            JdbcTemplate jdbc = new JdbcTemplate(count.of(database.dataSource()));
            jdbc.execute("CREATE TABLE counted (id BIGINT)");
            assertThat(count.executed()).isEqualTo(1);

            jdbc.batchUpdate(
                    "INSERT INTO counted (id) VALUES (?)",
                    List.of(new Object[] {1L}, new Object[] {2L}, new Object[] {3L}));
            jdbc.update("DELETE FROM counted WHERE id = ?", 1L);

            assertThat(count.executed()).isEqualTo(5);
            assertThat(count.calls("")).isEqualTo(3);
            assertThat(count.calls("INSERT")).isEqualTo(1);
            assertThat(count.calls("DELETE FROM counted")).isEqualTo(1);
            assertThat(count.calls("elsewhere")).isZero();
        }
    }
}
