package dev.tally.testkit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** A data source that gives out connections of one isolation, and notes the one that they have when a statement is made. */
final class IsolationOfStatements extends DelegatingDataSource {

    private final int given;
    private final List<Integer> seen = new CopyOnWriteArrayList<>();
    private final List<Integer> givenBack = new CopyOnWriteArrayList<>();

    IsolationOfStatements(DataSource target, int given) {
        super(target);
        this.given = given;
    }

    List<Integer> seen() {
        return seen;
    }

    List<Integer> givenBack() {
        return givenBack;
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection target = super.getConnection();
        target.setTransactionIsolation(given);
        return (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> call(target, method, arguments));
    }

    private Object call(Connection target, Method method, Object[] arguments) throws Throwable {
        switch (method.getName()) {
            case "prepareStatement", "createStatement" -> seen.add(target.getTransactionIsolation());
            case "close" -> givenBack.add(target.getTransactionIsolation());
            default -> {}
        }
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
