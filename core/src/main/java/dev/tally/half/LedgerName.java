package dev.tally.half;

import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of a data source, as the ids of its local transactions begin with it: {@code billing~} and the unique part.
 * Those of the primary data source are the unique part alone. So whoever is asked about an id knows whose ledger has the
 * answer. Immutable.
 *
 * @since 0.1
 */
public final class LedgerName {

    /** The primary data source, whose ids have no name. */
    public static final LedgerName PRIMARY = new LedgerName("");

    /** With it, and a UUID, an id has the 64 characters that the ledger's table takes. */
    public static final int MAX_LENGTH = 27;

    private static final char SEPARATOR = '~';
    private static final Pattern LEGAL = Pattern.compile("[A-Za-z0-9_-]{1," + MAX_LENGTH + "}");

    private final String value;

    private LedgerName(String value) {
        this.value = value;
    }

    /**
     * The name of a further data source. It must stay the same for as long as there are half messages of it.
     *
     * @param value letters, digits, {@code _} and {@code -}, at most {@value #MAX_LENGTH}; not {@code primary}
     * @throws IllegalArgumentException for anything else
     */
    public static LedgerName of(String value) {
        if (!LEGAL.matcher(value).matches() || value.equals(PRIMARY.toString())) {
            throw new IllegalArgumentException("Cannot name a data source '" + value
                    + "': ids of local transactions begin with the name, so it has 1 to " + MAX_LENGTH
                    + " letters, digits, '_' or '-', and is not '" + PRIMARY + "'");
        }
        return new LedgerName(value);
    }

    /** The name in a local transaction's id, whatever it is: ids come from the broker. */
    static LedgerName in(String transactionId) {
        int end = transactionId.indexOf(SEPARATOR);
        return end < 0 ? PRIMARY : new LedgerName(transactionId.substring(0, end));
    }

    /** Ids of this data source's local transactions, of unique parts with at most 36 characters. */
    public Supplier<String> ids(Supplier<String> uniqueParts) {
        return this.equals(PRIMARY) ? uniqueParts : () -> value + SEPARATOR + uniqueParts.get();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LedgerName name && name.value.equals(value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    /** For people; one that came from elsewhere is shown with what is legal in it only. */
    @Override
    public String toString() {
        String shown = value.replaceAll("[^A-Za-z0-9_-]", "?");
        return shown.isEmpty() ? "primary" : shown.substring(0, Math.min(MAX_LENGTH, shown.length()));
    }
}
