package dev.tally.benchmarks.application;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Counts the statements that a service has the database execute; what opens and ends transactions is not counted.
 * Thread-safe.
 */
public final class StatementCount {

    private final LongAdder executed = new LongAdder();
    private final Map<String, LongAdder> callsBySql = new ConcurrentHashMap<>();

    /** Nothing is counted yet. */
    public StatementCount() {}

    /** How many were executed, each element of a batch by itself. */
    public long executed() {
        return executed.sum();
    }

    /** How often the database was called to execute some whose text contains {@code part}: a batch is one call. */
    public long calls(String part) {
        return callsBySql.entrySet().stream()
                .filter(entry -> entry.getKey().contains(part))
                .mapToLong(entry -> entry.getValue().sum())
                .sum();
    }

    /** The same data source, counted. */
    public DataSource of(DataSource dataSource) {
        return proxy(DataSource.class, new Counted(dataSource, ""));
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(StatementCount.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    /** The statement that a call names, or the one that was prepared. */
    private static String textOr(@Nullable Object @Nullable [] arguments, String prepared) {
        return arguments != null && arguments.length > 0 && arguments[0] instanceof String sql ? sql : prepared;
    }

    private final class Counted implements InvocationHandler {

        private final Object target;
        private final String sql;

        Counted(Object target, String sql) {
            this.target = target;
            this.sql = sql;
        }

        @Override
        public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
                throws Throwable {
            String name = method.getName();
            if (target instanceof Statement
                    && (name.equals("addBatch") || (name.startsWith("execute") && !name.endsWith("Batch")))) {
                executed.increment();
            }
            if (target instanceof Statement && name.startsWith("execute")) {
                callsBySql
                        .computeIfAbsent(textOr(arguments, sql), text -> new LongAdder())
                        .increment();
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
                return proxy(Connection.class, new Counted(connection, ""));
            }
            if (target instanceof Connection && result instanceof PreparedStatement statement) {
                return proxy(PreparedStatement.class, new Counted(statement, textOr(arguments, "")));
            }
            if (target instanceof Connection && result instanceof Statement statement) {
                return proxy(Statement.class, new Counted(statement, textOr(arguments, "")));
            }
            return result;
        }
    }
}
