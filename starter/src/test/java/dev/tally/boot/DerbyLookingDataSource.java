package dev.tally.boot;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import org.springframework.jdbc.datasource.AbstractDataSource;

/** A data source whose driver says that it is Derby. */
final class DerbyLookingDataSource extends AbstractDataSource {

    @Override
    public Connection getConnection() {
        DatabaseMetaData metaData = fake(DatabaseMetaData.class, "Apache Derby");
        return fake(Connection.class, metaData);
    }

    @Override
    public Connection getConnection(String username, String password) {
        return getConnection();
    }

    private static <T> T fake(Class<T> type, Object answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> method.getReturnType().isInstance(answer) ? answer : null));
    }
}
