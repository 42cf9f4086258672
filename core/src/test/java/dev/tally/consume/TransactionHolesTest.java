package dev.tally.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.testing.TestDatabase;
import dev.tally.testkit.scenario.Scenario;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Effects that the inbox cannot cover are told at start-up where annotations show them. */
class TransactionHolesTest {

    private final TestDatabase database = TestDatabase.h2();
    private final DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
    private final PlatformTransactionManager inbox = database.transactions();
    private final PlatformTransactionManager other = new JdbcTransactionManager(database.dataSource());

    @AfterEach
    void close() {
        database.close();
    }

    static class Handlers {

        void none(String payload) {}

        @Transactional
        void joining(String payload) {}

        @Transactional(propagation = Propagation.REQUIRES_NEW)
        void newOne(String payload) {}

        @Transactional(propagation = Propagation.NOT_SUPPORTED)
        void suspended(String payload) {}

        @Transactional("other")
        void elsewhere(String payload) {}

        @Transactional("missing")
        void nowhere(String payload) {}
    }

    @Transactional(propagation = Propagation.REQUIRES_NEW)
    static class NewOnes {

        void inherited(String payload) {}
    }

    private @Nullable String holeIn(Class<?> type, String method) throws NoSuchMethodException {
        return new TransactionHoles(beans).of(type.getDeclaredMethod(method, String.class), type, inbox);
    }

    @Scenario("messaging-26")
    @Test
    void aTransactionOfItsOwnIsTold() throws Exception {
        beans.registerSingleton("inbox", inbox);

        assertThat(holeIn(Handlers.class, "newOne")).contains("REQUIRES_NEW", "happen again");
        assertThat(holeIn(Handlers.class, "suspended")).contains("NOT_SUPPORTED");
        assertThat(holeIn(NewOnes.class, "inherited")).contains("REQUIRES_NEW");
        assertThat(holeIn(Handlers.class, "none")).isNull();
        assertThat(holeIn(Handlers.class, "joining")).isNull();
    }

    @Scenario("messaging-26")
    @Test
    void transactionsOfAnotherManagerAreTold() throws Exception {
        beans.registerSingleton("other", other);

        assertThat(holeIn(Handlers.class, "joining"))
                .as("the only one there is")
                .contains("dataSource");
        beans.registerSingleton("inbox", inbox);
        assertThat(holeIn(Handlers.class, "elsewhere")).contains("dataSource");
        assertThat(holeIn(Handlers.class, "nowhere"))
                .as("Spring tells by itself")
                .isNull();
        assertThat(holeIn(Handlers.class, "joining"))
                .as("Spring tells by itself")
                .isNull();
    }
}
