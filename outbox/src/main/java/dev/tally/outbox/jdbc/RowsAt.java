package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.outbox.RowPlace;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * Names rows of {@code tally_outbox} by their primary key: (owner, id) on PostgreSQL, id elsewhere. In few different texts,
 * so that the driver and the database can keep them prepared, and in the order of ids, so that two nodes which remove the
 * same rows do not wait for each other.
 *
 * <p>PostgreSQL gets rows of several owners as two arrays: it plans 256 pairs in a list as 256 alternatives, which takes it
 * four times as long as to look each of them up.
 */
abstract sealed class RowsAt {

    static RowsAt of(Collection<RowPlace> places, Dialect dialect) {
        List<RowPlace> ordered = new ArrayList<>(places);
        ordered.sort(Comparator.comparingLong(RowPlace::id));
        List<String> owners =
                places.stream().map(RowPlace::owner).distinct().sorted().toList();
        return dialect == Dialect.POSTGRESQL && owners.size() > 1 ? new Joined(ordered) : new Listed(ordered, owners);
    }

    /** The statement that removes them. */
    abstract String delete(Dialect dialect);

    /**
     * The statement that reads them, in the order of ids.
     *
     * @param hint for the database, behind the table's name
     */
    abstract String select(String columns, String hint);

    abstract void bind(PreparedStatement statement) throws SQLException;

    private static final class Joined extends RowsAt {

        private static final String PLACES = "unnest(?, ?) AS place (place_owner, place_id)";
        private static final String CONDITION = " WHERE owner = place_owner COLLATE \"C\" AND id = place_id";

        private final List<RowPlace> places;

        Joined(List<RowPlace> places) {
            this.places = places;
        }

        @Override
        String delete(Dialect dialect) {
            return dialect.deleteByPrimaryKey("tally_outbox") + " USING " + PLACES + CONDITION;
        }

        @Override
        String select(String columns, String hint) {
            return "SELECT " + columns + " FROM tally_outbox " + hint + ", " + PLACES + CONDITION + " ORDER BY id";
        }

        @Override
        void bind(PreparedStatement statement) throws SQLException {
            Connection connection = statement.getConnection();
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "text", places.stream().map(RowPlace::owner).toArray(String[]::new)));
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "bigint", places.stream().map(RowPlace::id).toArray(Long[]::new)));
        }
    }

    private static final class Listed extends RowsAt {

        private final List<String> owners;
        private final List<RowPlace> places;

        Listed(List<RowPlace> places, List<String> owners) {
            this.places = padded(places);
            this.owners = padded(owners);
        }

        private static <T> List<T> padded(List<T> few) {
            List<T> padded = new ArrayList<>(few);
            T last = Objects.requireNonNull(few.get(few.size() - 1));
            while (padded.size() < powerOfTwo(few.size())) {
                padded.add(last);
            }
            return padded;
        }

        private static int powerOfTwo(int size) {
            return size == 1 ? 1 : Integer.highestOneBit(size - 1) * 2;
        }

        private String condition() {
            return " WHERE owner IN (" + marks(owners.size()) + ") AND id IN (" + marks(places.size()) + ")";
        }

        private static String marks(int times) {
            return "?" + ", ?".repeat(times - 1);
        }

        @Override
        String delete(Dialect dialect) {
            return dialect.deleteByPrimaryKey("tally_outbox") + condition();
        }

        @Override
        String select(String columns, String hint) {
            return "SELECT " + columns + " FROM tally_outbox " + hint + condition() + " ORDER BY id";
        }

        @Override
        void bind(PreparedStatement statement) throws SQLException {
            int index = 1;
            for (String owner : owners) {
                statement.setString(index++, owner);
            }
            for (RowPlace place : places) {
                statement.setLong(index++, place.id());
            }
        }
    }
}
