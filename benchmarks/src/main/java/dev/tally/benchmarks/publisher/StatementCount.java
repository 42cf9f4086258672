package dev.tally.benchmarks.publisher;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Counts the statements that a service has the database execute, each element of a batch by itself; what opens and ends
 * transactions is not counted. Thread-safe.
 */
final class StatementCount {

    private final LongAdder executed = new LongAdder();

    long executed() {
        return executed.sum();
    }

    /** The same data source, counted. */
    DataSource of(DataSource dataSource) {
        return proxy(DataSource.class, new Counted(dataSource));
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(StatementCount.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private final class Counted implements InvocationHandler {

        private final Object target;

        Counted(Object target) {
            this.target = target;
        }

        @Override
        public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
                throws Throwable {
            String name = method.getName();
            if (target instanceof Statement
                    && (name.equals("addBatch") || (name.startsWith("execute") && !name.endsWith("Batch")))) {
                executed.increment();
            }
            Object result;
            try {
                result = method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
                throw Objects.requireNonNullElse(e.getCause(), e);
            }
            if (result instanceof Connection connection
                    && name.equals("getConnection")
                    && target instanceof DataSource) {
                return proxy(Connection.class, new Counted(connection));
            }
            if (target instanceof Connection && result instanceof PreparedStatement statement) {
                return proxy(PreparedStatement.class, new Counted(statement));
            }
            if (target instanceof Connection && result instanceof Statement statement) {
                return proxy(Statement.class, new Counted(statement));
            }
            return result;
        }
    }
}
