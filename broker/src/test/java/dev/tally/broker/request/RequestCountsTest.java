package dev.tally.broker.request;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RequestCountsTest {

    @Test
    void countsEachAnswerAndTakesThoseTogetherOfWhichThereAreTooMany() {
        RequestCounts counts = new RequestCounts();
        counts.answered(34, 0);
        counts.answered(34, 0);
        for (int made = 0; made < 100_000; made++) {
            counts.answered(309, made);
        }
        counts.answered(34, 0);
        assertThat(counts.all()).hasSizeLessThan(5_000).contains(new RequestCounts.Count(34, 0, 3));
        assertThat(counts.all().stream()
                        .filter(count -> count.code() == 309)
                        .mapToLong(RequestCounts.Count::requests)
                        .sum())
                .isEqualTo(100_000);
    }
}
