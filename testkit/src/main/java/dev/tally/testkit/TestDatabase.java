package dev.tally.testkit;

import dev.tally.jdbc.Dialect;
import dev.tally.jdbc.SchemaScripts;
import javax.sql.DataSource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/**
 * An empty database with Tally's tables, for one test.
 *
 * @since 0.1
 */
public interface TestDatabase extends AutoCloseable {

    /** A pooled data source. */
    DataSource dataSource();

    /** Its dialect. */
    Dialect dialect();

    /** Its JDBC address, credentials included, for other processes. */
    String url();

    /** Closes the pool and removes the database. */
    @Override
    void close();

    /** Runs the schema scripts of all Tally modules on the class path. May be repeated. */
    static void createSchema(DataSource dataSource, Dialect dialect) {
        for (String location : SchemaScripts.locations(dialect)) {
            new ResourceDatabasePopulator(new ClassPathResource(location)).execute(dataSource);
        }
    }
}
