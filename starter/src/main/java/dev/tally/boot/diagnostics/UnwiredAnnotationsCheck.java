package dev.tally.boot.diagnostics;

import dev.tally.consume.IdempotentConsumer;
import dev.tally.consume.IdempotentConsumerRegistry;
import dev.tally.consume.guard.GuardParts;
import dev.tally.consume.guard.IdempotentGuardAdvisor;
import dev.tally.half.HalfMessagePath;
import dev.tally.outbox.change.PublishChanges;
import dev.tally.publish.PublishedMessage;
import dev.tally.publish.TransactionalPublisher;
import dev.tally.publish.TransactionalPublisherAdvisor;
import dev.tally.publish.Via;
import dev.tally.request.IdempotentRequest;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.engine.TransactionalSagas;
import dev.tally.saga.participant.SagaAction;
import dev.tally.saga.participant.SagaCompensation;
import dev.tally.saga.participant.SagaParticipantRegistry;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.util.ReflectionUtils;

/**
 * Ends the start-up where there are several data sources or transaction managers and none is the primary one, if
 * anything wants what Tally leaves out then: methods annotated with Tally's annotations would do nothing, silently, and
 * transactions with annotated events or entities would fail one by one.
 *
 * @since 0.1
 */
public final class UnwiredAnnotationsCheck implements SmartInitializingSingleton {

    private final ConfigurableListableBeanFactory beanFactory;

    /** Creates the check of all beans of {@code beanFactory}. */
    public UnwiredAnnotationsCheck(ConfigurableListableBeanFactory beanFactory) {
        this.beanFactory = beanFactory;
    }

    /** @throws DataSourcesException if there are any */
    @Override
    public void afterSingletonsInstantiated() {
        List<String> wanted = new ArrayList<>();
        for (String name : beanFactory.getBeanDefinitionNames()) {
            Class<?> type = AutoProxyUtils.determineTargetClass(beanFactory, name);
            if (type != null) {
                MethodIntrospector.selectMethods(type, (ReflectionUtils.MethodFilter) this::isUnwired)
                        .forEach(method ->
                                wanted.add("bean '" + name + "', " + type.getSimpleName() + "." + method.getName()));
            }
        }
        if (isMissing(TransactionalSagas.class)) {
            for (String name : beanFactory.getBeanNamesForType(SagaDefinition.class, true, false)) {
                wanted.add("bean '" + name + "', the definition of a saga");
            }
        }
        beanFactory.getBeanProvider(PublishingClasses.class).stream()
                .flatMap(source -> source.publishingClasses().stream())
                .filter(this::isUnwired)
                .forEach(type -> wanted.add("class " + type.getName()));
        if (!wanted.isEmpty()) {
            throw failure("Cannot start: nothing would be published or consumed by\n - " + String.join("\n - ", wanted)
                    + "\nbecause Tally cannot tell which data source or transaction manager to use");
        }
    }

    private boolean isUnwired(Method method) {
        IdempotentConsumer consumer = AnnotatedElementUtils.findMergedAnnotation(method, IdempotentConsumer.class);
        if (consumer != null) {
            return isMissing(
                    consumer.topic().isEmpty() ? IdempotentGuardAdvisor.class : IdempotentConsumerRegistry.class);
        }
        if (AnnotatedElementUtils.hasAnnotation(method, SagaAction.class)
                || AnnotatedElementUtils.hasAnnotation(method, SagaCompensation.class)) {
            return isMissing(SagaParticipantRegistry.class);
        }
        if (AnnotatedElementUtils.hasAnnotation(method, IdempotentRequest.class)) {
            return isMissing(GuardParts.class);
        }
        Set<TransactionalPublisher> publishers = AnnotatedElementUtils.findMergedRepeatableAnnotations(
                method, TransactionalPublisher.class, TransactionalPublisher.List.class);
        return publishers.stream().map(TransactionalPublisher::via).anyMatch(this::isUnwired);
    }

    private boolean isUnwired(Class<?> type) {
        Stream<Via> ofEvents =
                AnnotatedElementUtils.findMergedRepeatableAnnotations(
                                type, PublishedMessage.class, PublishedMessage.List.class)
                        .stream()
                        .map(PublishedMessage::via);
        Stream<Via> ofChanges = Stream.ofNullable(
                        AnnotatedElementUtils.findMergedAnnotation(type, PublishChanges.class))
                .map(PublishChanges::via);
        return Stream.concat(ofEvents, ofChanges).anyMatch(this::isUnwired);
    }

    private boolean isUnwired(Via via) {
        return isMissing(TransactionalPublisherAdvisor.class)
                || (via == Via.HALF_MESSAGE && isMissing(HalfMessagePath.class));
    }

    private boolean isMissing(Class<?> type) {
        return beanFactory.getBeanNamesForType(type, true, false).length == 0;
    }

    /** What is wrong, for who asks for the publisher. */
    public DataSourcesException ofPublisher() {
        return failure(
                "Cannot create a MessagePublisher: Tally cannot tell which data source or transaction manager to use");
    }

    /** What is wrong, for who declares further data sources. */
    public DataSourcesException ofFurther(List<String> declared) {
        return failure("Cannot start with the further data sources " + declared
                + ": Tally cannot tell which data source or transaction manager is the primary one");
    }

    private DataSourcesException failure(String what) {
        List<String> dataSources = List.of(beanFactory.getBeanNamesForType(DataSource.class, true, false));
        List<String> managers = List.of(beanFactory.getBeanNamesForType(PlatformTransactionManager.class, true, false));
        return new DataSourcesException(
                what + ". There are data sources " + dataSources + " and transaction managers " + managers
                        + ", and not exactly one of each is the primary one.",
                "Mark one of the data sources and its transaction manager with @Primary; Tally uses these.\nFor each of"
                        + " the others whose transactions publish, define a bean: @Bean TallyDataSource billing(..) {"
                        + " return TallyDataSource.of(\"billing\", dataSource, transactionManager); }");
    }
}
