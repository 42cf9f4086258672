package dev.tally.consume.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.tally.consume.IdempotentConsumer;
import dev.tally.consume.InvalidConsumerException;
import dev.tally.message.Message;
import dev.tally.testing.TestDatabase;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** What could not be guarded as promised ends the start-up, with a list. */
class IdempotentGuardValidatorTest {

    static class Faulty {

        @IdempotentConsumer(group = "no-id")
        public void noId(String payload) {}

        @IdempotentConsumer(group = "unparsable", id = "#order.(")
        public void unparsable(String order) {}

        @IdempotentConsumer(group = " ", id = "#p0")
        public void blankGroup(String order) {}

        @IdempotentConsumer(group = "settings", id = "#p0", concurrency = 9, skipFor = IllegalStateException.class)
        public void settings(String order) {}

        @IdempotentConsumer(group = "hidden", id = "#p0")
        private void hidden(String order) {}

        @IdempotentConsumer(group = "static", id = "#p0")
        public static void ofNoBean(String order) {}

        @IdempotentConsumer(group = "final", id = "#p0")
        public final void unproxied(String order) {}

        @IdempotentConsumer(group = "self", id = "#p0")
        public void self(String order) {}

        public void callsItself() {
            self("a");
        }

        @IdempotentConsumer(group = "future", id = "#p0")
        public CompletableFuture<String> future(String order) {
            return CompletableFuture.completedFuture(order);
        }

        @IdempotentConsumer(group = "stream", id = "#p0")
        public Stream<String> stream(String order) {
            return Stream.of(order);
        }

        @IdempotentConsumer(group = "object", id = "#p0")
        public Object object(String order) {
            return order;
        }

        @Transactional(propagation = Propagation.REQUIRES_NEW)
        @IdempotentConsumer(group = "apart", id = "#p0")
        public void apart(String order) {}

        @Transactional(propagation = Propagation.NEVER)
        @IdempotentConsumer(group = "never", id = "#p0")
        public void never(String order) {}

        @Transactional(readOnly = true)
        @IdempotentConsumer(group = "read-only", id = "#p0")
        public void readOnly(String order) {}

        @Transactional(noRollbackFor = IllegalStateException.class)
        @IdempotentConsumer(group = "keeps", id = "#p0")
        public void keeps(String order) {}

        @Transactional("another")
        @IdempotentConsumer(group = "elsewhere", id = "#p0")
        public void elsewhere(String order) {}

        @Transactional("nobody")
        @IdempotentConsumer(group = "nowhere", id = "#p0")
        public void nowhere(String order) {}

        @IdempotentConsumer(group = "shared", id = "#p0")
        public void shared(String order) {}

        @IdempotentConsumer(group = "shared", id = "#p0")
        public void sharedToo(String order) {}

        @IdempotentConsumer(group = "subscribed", id = "#p0")
        public void subscribed(String order) {}

        @IdempotentConsumer(topic = "orders", group = "subscribed")
        public void subscribes(String order) {}
    }

    static class AnotherManager {

        @Bean(autowireCandidate = false)
        JdbcTransactionManager another(TestDatabase database) {
            return new JdbcTransactionManager(database.dataSource());
        }
    }

    static class Right {

        @Transactional
        @IdempotentConsumer(group = "one")
        public void one(Message message) {}

        @Transactional(propagation = Propagation.MANDATORY, rollbackFor = Exception.class)
        @IdempotentConsumer(group = "two", id = "#text")
        protected void two(String text) {}
    }

    @Test
    void listsAllFaults() {
        try (TestDatabase database = TestDatabase.h2()) {
            ThrowableAssertAlternative<InvalidConsumerException> failure = assertThatExceptionOfType(
                            InvalidConsumerException.class)
                    .isThrownBy(() -> GuardContract.context(database, Faulty.class, AnotherManager.class)
                            .close())
                    .withMessageContaining("faults in methods guarded by @IdempotentConsumer");
            for (String expected : new String[] {
                "Faulty.noId: it cannot be told which message it is called for; say id =",
                "one of [dev.tally.message.Message]",
                "Faulty.unparsable: its id '#order.(' is not a SpEL expression",
                "Faulty.blankGroup: its group ' ' has 1 characters",
                "Faulty.settings: its concurrency has no effect",
                "Faulty.settings: its skipFor has no effect",
                "Faulty.hidden: it is private",
                "Faulty.ofNoBean: it is static",
                "Faulty.unproxied: it is final",
                "Faulty.self: Faulty.callsItself calls it on the object itself",
                "Faulty.future: it returns a CompletableFuture",
                "Faulty.stream: it returns a Stream",
                "Faulty.object: it returns some Object",
                "Faulty.apart: its transaction is REQUIRES_NEW",
                "Faulty.never: it must not run in a transaction",
                "Faulty.readOnly: its transaction is read-only",
                "Faulty.keeps: its @Transactional has noRollbackFor",
                "Faulty.elsewhere: its transactions are those of 'another'",
                "Faulty.nowhere: there is no transaction manager 'nobody'",
                ": its group 'shared' is that of ",
                "Faulty.subscribed: its group 'subscribed' consumes a topic as well"
            }) {
                failure.withMessageContaining(expected);
            }
            failure.withMessageNotContaining("Faulty.subscribes:").withMessageContaining("Cannot start: 20 faults");
        }
    }

    @Test
    void letsTheRightOnesPass() {
        try (TestDatabase database = TestDatabase.h2()) {
            assertThatNoException().isThrownBy(() -> GuardContract.context(database, Right.class)
                    .close());
        }
    }

    static final class FinalClass {

        @IdempotentConsumer(group = "one", id = "#p0")
        public void one(String text) {}
    }

    @Scope(scopeName = "prototype", proxyMode = ScopedProxyMode.TARGET_CLASS)
    static class Scoped {

        private final TestDatabase database;

        Scoped(TestDatabase database) {
            this.database = database;
        }

        @IdempotentConsumer(group = "scoped", id = "#p0")
        public void on(String text) {
            database.business(text);
        }
    }

    interface Listening {
        void on(String text);
    }

    @Scope(scopeName = "prototype", proxyMode = ScopedProxyMode.INTERFACES)
    static class ScopedByInterface implements Listening {

        private final TestDatabase database;

        ScopedByInterface(TestDatabase database) {
            this.database = database;
        }

        @Override
        @Transactional
        @IdempotentConsumer(group = "scoped-by-interface", id = "#p0")
        public void on(String text) {
            database.business(text);
        }
    }

    @Scope(scopeName = "prototype", proxyMode = ScopedProxyMode.INTERFACES)
    static class ScopedAside implements Listening {

        @Override
        public void on(String text) {}

        @IdempotentConsumer(group = "aside", id = "#p0")
        public void aside(String text) {}

        @IdempotentConsumer(group = " ", id = "#p0")
        public void blank(String text) {}
    }

    @Test
    void beansWithAScopedProxyAreGuardedOnce() {
        try (TestDatabase database = TestDatabase.h2();
                AnnotationConfigApplicationContext context =
                        GuardContract.context(database, Scoped.class, ScopedByInterface.class)) {
            for (String id : List.of("a", "b", "a")) {
                context.getBean(Scoped.class).on(id);
                context.getBean(Listening.class).on(id);
            }
            assertThat(database.business()).containsExactlyInAnyOrder("a", "a", "b", "b");
            assertThat(database.jdbc().queryForList("SELECT consumer_group FROM tally_inbox", String.class))
                    .containsExactlyInAnyOrder("scoped", "scoped", "scoped-by-interface", "scoped-by-interface");
        }
    }

    @Test
    void faultsOfABeanWithAScopedProxyAreToldOnce() {
        try (TestDatabase database = TestDatabase.h2()) {
            assertThatExceptionOfType(InvalidConsumerException.class)
                    .isThrownBy(() ->
                            GuardContract.context(database, ScopedAside.class).close())
                    .withMessageContaining("Cannot start: 3 faults")
                    .withMessageContaining("ScopedAside.aside: the bean is proxied by its interfaces, and none of them")
                    .withMessageContaining("ScopedAside.blank: its group ' ' has 1 characters")
                    .withMessageNotContaining("scopedTarget");
        }
    }

    @Test
    void refusesAClassThatCannotBeProxied() {
        try (TestDatabase database = TestDatabase.h2()) {
            assertThatExceptionOfType(Exception.class)
                    .isThrownBy(() ->
                            GuardContract.context(database, FinalClass.class).close())
                    .havingRootCause()
                    .withMessageContaining("final");
        }
    }
}
