package dev.tally.outbox.jdbc;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Which partitions there should be. */
final class ArchivePlan {

    /** Up to this keep a partition has a day, above it a month, so that there are never more than about a hundred. */
    static final Duration LONGEST_BY_DAY = Duration.ofDays(92);

    /** So far ahead that nodes may stand still for a weekend and more. */
    static final int DAYS_AHEAD = 7;

    static final int MONTHS_AHEAD = 3;

    private ArchivePlan() {}

    /**
     * The partitions to create, behind those that are there: never between or before them, and never one that rows come for
     * at present. PostgreSQL sends such a row back that was on its way to the partition for the rest.
     */
    static List<ArchivePeriod> missing(Collection<ArchivePeriod> present, Instant now, Duration keep) {
        boolean byDay = keep.compareTo(LONGEST_BY_DAY) <= 0;
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        LocalDate horizon = byDay ? today.plusDays(DAYS_AHEAD) : today.plusMonths(MONTHS_AHEAD);
        LocalDate from = present.stream()
                .map(ArchivePeriod::to)
                .filter(end -> end.isAfter(today))
                .max(LocalDate::compareTo)
                .orElse(today.plusDays(1));
        List<ArchivePeriod> missing = new ArrayList<>();
        while (!from.isAfter(horizon)) {
            LocalDate to = byDay ? from.plusDays(1) : from.plusMonths(1).withDayOfMonth(1);
            missing.add(new ArchivePeriod(from, to));
            from = to;
        }
        return missing;
    }

    /** The partitions of which every row is older than {@code keep}. */
    static List<ArchivePeriod> old(Collection<ArchivePeriod> present, Instant now, Duration keep) {
        Instant oldest = now.minus(keep);
        return present.stream()
                .filter(period -> !period.end().isAfter(oldest))
                .sorted(java.util.Comparator.comparing(ArchivePeriod::to))
                .toList();
    }
}
