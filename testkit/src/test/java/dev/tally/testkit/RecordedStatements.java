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

/** A data source that notes each statement that is prepared. */
final class RecordedStatements extends DelegatingDataSource {

    private final List<String> statements = new CopyOnWriteArrayList<>();

    RecordedStatements(DataSource target) {
        super(target);
    }

    List<String> statements() {
        return List.copyOf(statements);
    }

    void clear() {
        statements.clear();
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection target = super.getConnection();
        return (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> call(target, method, arguments));
    }

    private Object call(Connection target, Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("prepareStatement")) {
            statements.add(((String) arguments[0]).strip());
        }
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
