package dev.tally.transport.pulsar;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Which entries a partition has, and up to where a group has acknowledged them, by the broker's internal statistics. Whole
 * ledgers are removed, from the oldest on. Immutable.
 *
 * @param all those that are still there, from the oldest to the one that is written to
 * @param acknowledged the first position that the group has not acknowledged, as the broker has it; the first of all where
 *     the partition does not know the group
 * @param added entries since the broker has loaded the partition
 */
record Ledgers(List<Ledger> all, long acknowledged, long added) {

    /** @param entries how many it has; they are numbered from 0 */
    record Ledger(long id, long entries) {

        long begin() {
            return EntryPosition.of(id, 0);
        }

        long end() {
            return EntryPosition.of(id, entries);
        }
    }

    /** An entry as Pulsar writes it, {@code ledger:entry}; what may follow says what of its batch is acknowledged. */
    private record Entry(long ledger, long number) {

        static Entry of(String text) {
            int colon = text.indexOf(':');
            int end = text.indexOf(' ', colon);
            return new Entry(
                    Long.parseLong(text.substring(0, colon)),
                    Long.parseLong(text.substring(colon + 1, end < 0 ? text.length() : end)));
        }

        long next() {
            return EntryPosition.of(ledger, number + 1);
        }
    }

    /**
     * @param statistics the broker's answer
     * @param cursor the group's name as the broker's ledgers have it
     */
    static Ledgers of(JsonNode statistics, String cursor) {
        Entry last = Entry.of(statistics.path("lastConfirmedEntry").asString());
        List<Ledger> all = new ArrayList<>();
        for (JsonNode each : statistics.path("ledgers")) {
            long id = each.path("ledgerId").asLong();
            // Of the one that is written to nothing else is said.
            long written = id == last.ledger() ? last.number() + 1 : 0;
            all.add(new Ledger(id, Math.max(each.path("entries").asLong(), written)));
        }
        if (all.isEmpty()) {
            all.add(new Ledger(Math.max(0, last.ledger()), 0));
        }
        String deleted = statistics
                .path("cursors")
                .path(cursor)
                .path("markDeletePosition")
                .asString("");
        Ledgers ledgers = new Ledgers(
                List.copyOf(all), 0, statistics.path("entriesAddedCounter").asLong());
        long acknowledged =
                ledgers.from(deleted.isEmpty() ? 0 : Entry.of(deleted).next());
        return new Ledgers(ledgers.all(), acknowledged, ledgers.added());
    }

    /** The position of the oldest entry; the end where there is none. */
    long first() {
        return from(0);
    }

    /** The position that the next entry gets, unless a new ledger is begun for it. */
    long end() {
        return all.get(all.size() - 1).end();
    }

    /** The first entry at a position or behind it; the end where there is none. */
    long from(long position) {
        Optional<Ledger> ledger = all.stream()
                .filter(each -> each.entries() > 0 && position < each.end())
                .findFirst();
        return ledger.map(each -> Math.max(position, each.begin())).orElse(end());
    }

    /** How many entries there are from one position up to, and without, another. */
    long between(long from, long to) {
        return all.stream()
                .mapToLong(each -> Math.max(0, Math.min(to, each.end()) - Math.max(from, each.begin())))
                .sum();
    }
}
