package dev.tally.transport.rocketmq.crash;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** A data source with stops around the commits of its connections. */
final class StoppingDataSource extends DelegatingDataSource {

    private final Stops stops;

    StoppingDataSource(DataSource target, Stops stops) {
        super(target);
        this.stops = stops;
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection target = super.getConnection();
        return (Connection) Proxy.newProxyInstance(
                StoppingDataSource.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> {
                    try {
                        if (method.getName().equals("commit")) {
                            commit(target);
                            return null;
                        }
                        return method.invoke(target, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private void commit(Connection target) throws SQLException {
        if (stops.isAtPlace(CrashPoint.Place.CHECK_BACK)) {
            stops.at(CrashPoint.FENCE_UNCOMMITTED);
        } else if (stops.isAtPlace(CrashPoint.Place.CONSUMER)) {
            stops.at(CrashPoint.AFTER_HANDLER);
        } else if (stops.isAtPlace(CrashPoint.Place.TRANSACTION)) {
            commitOfTransaction(target);
            return;
        }
        target.commit();
    }

    private void commitOfTransaction(Connection target) throws SQLException {
        stops.at(CrashPoint.ALL_HALVES_STORED);
        stops.at(CrashPoint.AFTER_OUTBOX_ROW);
        boolean stopped = stops.announce(CrashPoint.DURING_COMMIT);
        target.commit();
        if (stopped) {
            stops.stay();
        }
        if (stops.announce(CrashPoint.COMMIT_UNANSWERED)) {
            stops.stay();
            target.unwrap(Connection.class).close();
            throw new SQLException("the answer to the commit was lost by the script", "08006");
        }
    }
}
