package dev.tally.boot;

import dev.tally.boot.diagnostics.H2WriteDelayCheck;
import dev.tally.boot.diagnostics.MySqlSettingsCheck;
import dev.tally.boot.diagnostics.PostgresqlDurabilityCheck;
import dev.tally.boot.diagnostics.TablesCheck;
import dev.tally.jdbc.Dialect;
import dev.tally.jdbc.SchemaScripts;
import javax.sql.DataSource;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.init.DataSourceScriptDatabaseInitializer;
import org.springframework.boot.sql.init.DatabaseInitializationSettings;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;

/**
 * Tally's tables: created where that is asked for, before anything uses the database (Boot orders it with JPA, Flyway and
 * the like), and checked.
 */
@AutoConfiguration(after = TallyCoreAutoConfiguration.class)
@ConditionalOnBean(Dialect.class)
@EnableConfigurationProperties(TallyJdbcProperties.class)
public final class TallySchemaAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    TallySchemaInitializer tallySchemaInitializer(
            DataSource dataSource, Dialect dialect, TallyJdbcProperties properties) {
        return initializer(dataSource, dialect, properties);
    }

    static TallySchemaInitializer initializer(DataSource dataSource, Dialect dialect, TallyJdbcProperties properties) {
        DatabaseInitializationSettings settings = new DatabaseInitializationSettings();
        settings.setSchemaLocations(SchemaScripts.locations(dialect).stream()
                .map(location -> "classpath:" + location)
                .toList());
        settings.setMode(properties.initializeSchema());
        return new TallySchemaInitializer(dataSource, settings);
    }

    @Bean
    @DependsOnDatabaseInitialization
    TablesCheck tallyTablesCheck(DataSource dataSource, Dialect dialect) {
        return new TablesCheck(dataSource, dialect);
    }

    @Bean
    H2WriteDelayCheck tallyH2WriteDelayCheck(DataSource dataSource, Dialect dialect) {
        return new H2WriteDelayCheck(dataSource, dialect);
    }

    @Bean
    PostgresqlDurabilityCheck tallyPostgresqlDurabilityCheck(DataSource dataSource, Dialect dialect) {
        return new PostgresqlDurabilityCheck(dataSource, dialect);
    }

    @Bean
    @DependsOnDatabaseInitialization
    MySqlSettingsCheck tallyMySqlSettingsCheck(DataSource dataSource, Dialect dialect, TallyJdbcProperties properties) {
        return new MySqlSettingsCheck(dataSource, dialect, properties.largestPayload());
    }

    /** Runs Tally's schema scripts; a type of its own, so that an application's initializer does not replace it. */
    static final class TallySchemaInitializer extends DataSourceScriptDatabaseInitializer {

        TallySchemaInitializer(DataSource dataSource, DatabaseInitializationSettings settings) {
            super(dataSource, settings);
        }
    }
}
