package dev.tally.jdbc;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What servers call themselves, and from which version on they can do what Tally asks for. */
enum DatabaseProduct {
    H2(Dialect.H2, "H2", 2, 0, 0, "identity columns and SKIP LOCKED"),
    POSTGRESQL(Dialect.POSTGRESQL, "PostgreSQL", 14, 0, 0, "older ones are no longer maintained"),
    // Before 10.6 there is no SKIP LOCKED.
    MARIADB(Dialect.MARIADB, "MariaDB", 10, 6, 0, "SKIP LOCKED"),
    // Before 8.0.17 no collation tells trailing spaces apart; before 8.0 ids are given again after a restart.
    MYSQL(Dialect.MYSQL, "MySQL", 8, 0, 17, "SKIP LOCKED and the collation utf8mb4_0900_bin");

    private static final Pattern VERSION = Pattern.compile("(\\d{1,6})(?:\\.(\\d{1,6}))?(?:\\.(\\d{1,6}))?");
    // Servers of the 10s and 11s say "5.5.5-10.11.6-MariaDB" to drivers that know MySQL only.
    private static final Pattern MARIADB_VERSION =
            Pattern.compile("(\\d{1,6})(?:\\.(\\d{1,6}))?(?:\\.(\\d{1,6}))?-MariaDB", Pattern.CASE_INSENSITIVE);

    private final Dialect dialect;
    private final String productName;
    private final int major;
    private final int minor;
    private final int patch;
    private final String reason;

    DatabaseProduct(Dialect dialect, String productName, int major, int minor, int patch, String reason) {
        this.dialect = dialect;
        this.productName = productName;
        this.major = major;
        this.minor = minor;
        this.patch = patch;
        this.reason = reason;
    }

    static Dialect dialectOf(@Nullable String name, @Nullable String version) {
        String given = version == null ? "" : version;
        DatabaseProduct product = productOf(name, given);
        if (product == null) {
            throw new UnsupportedDatabaseException(
                    "Cannot work with the database '" + name + "': supported are " + supported());
        }
        Matcher matcher = product.version(given);
        if (matcher == null) {
            throw new UnsupportedDatabaseException("Cannot work with the database '" + name
                    + "': no version can be read from '" + given + "'; supported are " + supported());
        }
        if (product.isTooOld(matcher)) {
            throw new UnsupportedDatabaseException("Cannot work with " + product.productName + " " + given
                    + ": the oldest supported version is " + product.oldest() + " (" + product.reason
                    + "); supported are " + supported());
        }
        return product.dialect;
    }

    private static @Nullable DatabaseProduct productOf(@Nullable String name, String version) {
        // MySQL's driver calls a MariaDB server by its own name.
        if (version.toLowerCase(Locale.ROOT).contains("mariadb")) {
            return MARIADB;
        }
        return Arrays.stream(values())
                .filter(product -> product.productName.equalsIgnoreCase(name))
                .findFirst()
                .orElse(null);
    }

    private @Nullable Matcher version(String given) {
        if (this == MARIADB) {
            Matcher suffixed = MARIADB_VERSION.matcher(given);
            if (suffixed.find()) {
                return suffixed;
            }
        }
        Matcher plain = VERSION.matcher(given);
        return plain.find() ? plain : null;
    }

    private boolean isTooOld(Matcher version) {
        int[] found = {number(version, 1), number(version, 2), number(version, 3)};
        return Arrays.compare(found, new int[] {major, minor, patch}) < 0;
    }

    private static int number(Matcher version, int group) {
        String digits = version.group(group);
        return digits == null ? 0 : Integer.parseInt(digits);
    }

    private String oldest() {
        return major + (minor + patch == 0 ? "" : "." + minor) + (patch == 0 ? "" : "." + patch);
    }

    private static String supported() {
        return Arrays.stream(values())
                .map(product -> product.productName + " " + product.oldest() + " and later")
                .collect(Collectors.joining(", "));
    }
}
