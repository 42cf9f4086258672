package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What Tally's own inbox does to its table, beside the contract. */
abstract class JdbcInboxBehaviour extends InboxStoreContract {

    @Test
    void purgesOldRowsInBoundedBatches() {
        insert("stock", "a", "b", "c");
        jdbc().update("UPDATE tally_inbox SET handled_at = handled_at - INTERVAL '2' HOUR");
        insert("stock", "d");

        assertThat(inbox().purge(Duration.ofHours(1), 2)).isEqualTo(2);
        assertThat(inbox().purge(Duration.ofHours(1), 2)).isEqualTo(1);
        assertThat(jdbc().queryForList("SELECT message_id FROM tally_inbox", String.class))
                .containsExactly("d");
    }
}
