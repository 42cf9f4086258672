package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.figure.BenchmarkException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.sql.DataSource;
import tools.jackson.databind.json.JsonMapper;

/** What the outbox pattern costs at least: two inserts and a commit, by plain JDBC. */
final class JdbcOrders implements Orders {

    private final DataSource dataSource;
    private final JsonMapper json;
    private final Commits commits;
    private final Consumer<List<JdbcOutbox.Entry>> committed;

    /** With who is handed what was committed. */
    JdbcOrders(DataSource dataSource, JsonMapper json, Commits commits, Consumer<List<JdbcOutbox.Entry>> committed) {
        this.dataSource = dataSource;
        this.json = json;
        this.commits = commits;
        this.committed = committed;
    }

    @Override
    public void place(Order order) {
        placeAll(List.of(order));
    }

    @Override
    public void placeAll(List<Order> orders) {
        List<JdbcOutbox.Entry> entries = new ArrayList<>(orders.size());
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                for (Order order : orders) {
                    insert(connection, order);
                    entries.add(JdbcOutbox.insert(connection, order.customer(), json.writeValueAsBytes(order)));
                }
                connection.commit();
                orders.forEach(order -> commits.note(order.orderId()));
            } catch (SQLException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw new BenchmarkException(
                    orders.size() + " orders from " + orders.get(0).orderId() + " on were not placed", e);
        }
        committed.accept(entries);
    }

    static void insert(Connection connection, Order order) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(OrderRows.INSERT)) {
            insert.setLong(1, order.orderId());
            insert.setString(2, order.customer());
            insert.setLong(3, order.cents());
            insert.executeUpdate();
        }
    }
}
