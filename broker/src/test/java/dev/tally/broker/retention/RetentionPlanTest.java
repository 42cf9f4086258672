package dev.tally.broker.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.log.SealedSegment;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetentionPlanTest {

    private static final List<SealedSegment> SEALED = List.of(
            new SealedSegment(0, 100, 1_000), new SealedSegment(100, 200, 2_000), new SealedSegment(200, 300, 3_000));
    private static final RetentionConfig SECOND = RetentionConfig.defaults().withMaxAge(Duration.ofSeconds(1));

    @Test
    void expiresTheOldestSegmentsByAge() {
        assertThat(RetentionPlan.expiredUpTo(SEALED, 0, 400, SECOND, 2_000)).isZero();
        assertThat(RetentionPlan.expiredUpTo(SEALED, 0, 400, SECOND, 2_001)).isEqualTo(100);
        assertThat(RetentionPlan.expiredUpTo(SEALED, 0, 400, SECOND, 10_000)).isEqualTo(300);
    }

    @Test
    void expiresTheOldestSegmentsWhileTheLogIsTooLarge() {
        RetentionConfig config = RetentionConfig.defaults().withMaxBytes(250);

        assertThat(RetentionPlan.expiredUpTo(SEALED, 0, 400, config, 0)).isEqualTo(200);
        assertThat(RetentionPlan.expiredUpTo(SEALED, 0, 250, config, 0)).isZero();
    }

    @Test
    void neverSkipsASegmentThatIsYoung() {
        List<SealedSegment> clockWentBack =
                List.of(new SealedSegment(0, 100, 9_000), new SealedSegment(100, 200, 2_000));

        assertThat(RetentionPlan.expiredUpTo(clockWentBack, 0, 300, SECOND, 9_500))
                .isZero();
    }

    @Test
    void stopsWhereMoreThanHalfWouldHaveToBeCopied() {
        assertThat(RetentionPlan.worthwhileUpTo(SEALED, 0, new long[] {0, 80, 100}))
                .isEqualTo(200);
        assertThat(RetentionPlan.worthwhileUpTo(SEALED, 0, new long[] {80, 90, 100}))
                .isZero();
    }

    @Test
    void removesAMostlyAliveSegmentTogetherWithDeadOnesBehindIt() {
        assertThat(RetentionPlan.worthwhileUpTo(SEALED, 0, new long[] {90, 0, 0}))
                .isEqualTo(300);
    }
}
