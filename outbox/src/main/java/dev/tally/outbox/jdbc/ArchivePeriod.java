package dev.tally.outbox.jdbc;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The days, in UTC, of one partition of the archive; its name says which, so that no catalog's text has to be understood. */
record ArchivePeriod(LocalDate from, LocalDate to) {

    private static final Pattern NAME = Pattern.compile("p(\\d{8})_(\\d{8})");
    private static final DateTimeFormatter DAY = DateTimeFormatter.BASIC_ISO_DATE;

    /** The name, for instance {@code p20261121_20261122}; the second day is the first one that is not in it. */
    String name() {
        return "p" + DAY.format(from) + "_" + DAY.format(to);
    }

    /** Nothing for names that are not of this form: whatever they are, they are left alone. */
    static Optional<ArchivePeriod> of(String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new ArchivePeriod(LocalDate.parse(matcher.group(1), DAY), LocalDate.parse(matcher.group(2), DAY)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    Instant end() {
        return to.atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
