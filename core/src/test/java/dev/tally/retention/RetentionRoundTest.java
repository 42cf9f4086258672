package dev.tally.retention;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetentionRoundTest {

    private static final Duration AGE = Duration.ofDays(1);

    private final List<String> purged = new ArrayList<>();

    private RetentionRound.Purge rows(String table, int rows) {
        int[] left = {rows};
        return (age, limit) -> {
            int removed = Math.min(limit, left[0]);
            left[0] -= removed;
            purged.add(table + " " + age + " " + removed);
            return removed;
        };
    }

    @Test
    void goesOnInBatchesUntilThereIsNoFullOneOrTheLimitIsReached() {
        RetentionRound round = new RetentionRound(
                List.of(
                        new RetentionRound.Table("few", AGE, rows("few", 15)),
                        new RetentionRound.Table("many", AGE, rows("many", 100))),
                10,
                3);

        round.run();

        assertThat(purged)
                .containsExactly("few PT24H 10", "few PT24H 5", "many PT24H 10", "many PT24H 10", "many PT24H 10");
    }

    @Test
    void leavesATableAloneThatHasNoAgeOrFailsAndDoesTheOthers() {
        RetentionRound round = new RetentionRound(
                List.of(
                        new RetentionRound.Table("kept", Optional::empty, rows("kept", 5)),
                        new RetentionRound.Table(
                                "unknown",
                                () -> {
                                    throw new IllegalStateException("on purpose");
                                },
                                rows("unknown", 5)),
                        new RetentionRound.Table("failing", AGE, (age, limit) -> {
                            throw new IllegalStateException("on purpose");
                        }),
                        new RetentionRound.Table("last", AGE, rows("last", 5))),
                10,
                3);

        round.run();

        assertThat(purged).containsExactly("last PT24H 5");
    }
}
