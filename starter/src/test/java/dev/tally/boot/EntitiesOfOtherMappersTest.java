package dev.tally.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.boot.AutoConfigurationTest.FakeTransportConfiguration;
import dev.tally.outbox.change.PublishChanges;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceException;
import jakarta.persistence.metamodel.EntityType;
import jakarta.persistence.metamodel.Metamodel;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;

/** Only Hibernate tells of changes; entities of others must not be annotated in vain. */
class EntitiesOfOtherMappersTest {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    DataSourceTransactionManagerAutoConfiguration.class,
                    TransactionAutoConfiguration.class,
                    JacksonAutoConfiguration.class))
            .withConfiguration(AutoConfigurations.of(AutoConfigurationTest.ours()))
            .withUserConfiguration(FakeTransportConfiguration.class)
            .withPropertyValues("spring.datasource.generate-unique-name=true");

    @PublishChanges(topic = "customers")
    static class Annotated {}

    static class Special extends Annotated {}

    static class Plain {}

    private static EntityManagerFactory factoryOf(Class<?> entity) {
        EntityType<?> type = fake(EntityType.class, (proxy, method, arguments) -> entity);
        Metamodel metamodel = fake(Metamodel.class, (proxy, method, arguments) -> Set.of(type));
        return fake(EntityManagerFactory.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "unwrap" -> throw new PersistenceException("this is no " + arguments[0]);
            case "getMetamodel" -> metamodel;
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> proxy == arguments[0];
            default -> null;
        });
    }

    private static <T> T fake(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private void assertRefused(ApplicationContextRunner application) {
        application
                .withBean("others", EntityManagerFactory.class, () -> factoryOf(Special.class))
                .run(context -> {
                    assertThat(context).hasFailed();
                    FailureAnalysis analysis = AutoConfigurationTest.analysisOf(context.getStartupFailure());
                    assertThat(analysis.getDescription())
                            .contains("'others', which is not one of Hibernate's")
                            .contains(Special.class.getName());
                });
        application
                .withBean("others", EntityManagerFactory.class, () -> factoryOf(Plain.class))
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void areRefusedBesideHibernate() {
        assertRefused(runner);
    }

    @Test
    void areRefusedWithoutHibernate() {
        assertRefused(runner.withClassLoader(new FilteredClassLoader("org.hibernate")));
    }
}
