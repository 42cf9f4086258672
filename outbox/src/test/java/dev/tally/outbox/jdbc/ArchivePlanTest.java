package dev.tally.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which partitions the archive is to have. */
class ArchivePlanTest {

    private static final Duration BY_DAY = Duration.ofDays(30);
    private static final Duration BY_MONTH = Duration.ofDays(365);

    private static List<ArchivePeriod> periods(String... names) {
        return Arrays.stream(names)
                .map(name -> ArchivePeriod.of(name).orElseThrow())
                .toList();
    }

    private static List<String> missing(String now, Duration keep, String... present) {
        return ArchivePlan.missing(periods(present), Instant.parse(now), keep).stream()
                .map(ArchivePeriod::name)
                .toList();
    }

    @Test
    void beginsWithTomorrowInUtcAndGoesAWeekAhead() {
        assertThat(missing("2026-12-29T23:59:59.999999Z", BY_DAY))
                .hasSize(7)
                .startsWith("p20261230_20261231", "p20261231_20270101")
                .endsWith("p20270105_20270106");
    }

    @Test
    void goesOnBehindTheLastOneAndLeavesNoDayOut() {
        assertThat(missing("2026-11-21T00:00:00Z", BY_DAY, "p20261121_20261122", "p20261122_20261128"))
                .containsExactly("p20261128_20261129");
        assertThat(missing("2026-11-21T00:00:00Z", BY_DAY, "p20261121_20261129"))
                .isEmpty();
    }

    @Test
    void beginsAnewWithTomorrowAfterAPause() {
        assertThat(missing("2026-11-21T12:00:00Z", BY_DAY, "p20261018_20261019", "p20261120_20261121"))
                .hasSize(7)
                .startsWith("p20261122_20261123");
    }

    @Test
    void goesByMonthsForALongKeepAndByDaysAgainForAShortOne() {
        assertThat(missing("2026-11-21T12:00:00Z", BY_MONTH))
                .containsExactly(
                        "p20261122_20261201", "p20261201_20270101", "p20270101_20270201", "p20270201_20270301");
        assertThat(missing("2026-11-21T12:00:00Z", BY_MONTH, "p20261121_20261122"))
                .startsWith("p20261122_20261201", "p20261201_20270101");
        assertThat(missing("2026-11-28T12:00:00Z", BY_DAY, "p20261121_20261201"))
                .startsWith("p20261201_20261202")
                .hasSize(5);
    }

    /** Every instant from the first period to the last is in exactly one, whenever the rounds are. */
    @Test
    void periodsOfManyRoundsAreGaplessWhileRoundsComeOften() {
        List<ArchivePeriod> present = new ArrayList<>();
        Instant now = Instant.parse("2026-01-30T07:00:00Z");
        for (int round = 0; round < 200; round++) {
            present.addAll(ArchivePlan.missing(present, now, round % 50 < 25 ? BY_DAY : BY_MONTH));
            now = now.plus(Duration.ofHours(61));
        }
        for (int i = 1; i < present.size(); i++) {
            assertThat(present.get(i).from()).isEqualTo(present.get(i - 1).to());
            assertThat(present.get(i).to()).isAfter(present.get(i).from());
        }
    }

    @Test
    void isOldWhenItsLastInstantIs() {
        List<ArchivePeriod> present = periods("p20261020_20261021", "p20261021_20261022", "p20261022_20261023");
        assertThat(ArchivePlan.old(present, Instant.parse("2026-11-20T23:59:59Z"), BY_DAY))
                .containsExactlyElementsOf(present.subList(0, 1));
        assertThat(ArchivePlan.old(present, Instant.parse("2026-11-21T00:00:00Z"), BY_DAY))
                .containsExactlyElementsOf(present.subList(0, 2));
    }

    @Test
    void leavesOtherNamesAlone() {
        assertThat(ArchivePeriod.of("rest")).isEmpty();
        assertThat(ArchivePeriod.of("p20261399_20261401")).isEmpty();
        assertThat(ArchivePeriod.of("p20261121")).isEmpty();
    }
}
