package dev.tally.consume;

import dev.tally.consume.deadletter.DeadLetter;
import dev.tally.consume.deadletter.DeadLetterReplay;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.Capability;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.EmbeddedValueResolverAware;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.StringValueResolver;

/**
 * Finds the beans' {@link IdempotentConsumer} methods, checks them at start-up, and subscribes them while the application
 * runs: after almost everything else has started, and until before it stops.
 *
 * @since 0.1
 */
public final class IdempotentConsumerRegistry
        implements SmartInitializingSingleton, SmartLifecycle, EmbeddedValueResolverAware {

    private static final Logger log = LoggerFactory.getLogger(IdempotentConsumerRegistry.class);
    private static final int LATE_PHASE = Integer.MAX_VALUE - 100;

    private final ConfigurableListableBeanFactory beanFactory;
    private final Transport transport;
    private final Map<String, ConsumeParts> partsByDataSource;
    private final SubscriptionCustomizer customizer;
    private final List<ConsumerMethod> methods = new ArrayList<>();
    private final List<Active> active = new ArrayList<>();
    private final List<Supplier<List<RunningConsumer>>> others = new CopyOnWriteArrayList<>();
    private @Nullable StringValueResolver resolver;
    private boolean running;

    private record Active(ConsumerMethod method, ConsumerWork work, ActiveSubscription subscription) {}

    /**
     * Creates the registry of all beans of {@code beanFactory}.
     *
     * @param parts what their handlers are run with
     * @param customizer changes what the annotations ask for
     */
    public IdempotentConsumerRegistry(
            ConfigurableListableBeanFactory beanFactory,
            Transport transport,
            ConsumeParts parts,
            SubscriptionCustomizer customizer) {
        this(beanFactory, transport, Map.of("", parts), customizer);
    }

    /**
     * Creates the registry of all beans of {@code beanFactory}, whose handlers work in several data sources.
     *
     * @param parts what their handlers are run with, by the name of the data source; empty for the primary one
     * @param customizer changes what the annotations ask for
     */
    public IdempotentConsumerRegistry(
            ConfigurableListableBeanFactory beanFactory,
            Transport transport,
            Map<String, ConsumeParts> parts,
            SubscriptionCustomizer customizer) {
        this.beanFactory = beanFactory;
        this.transport = transport;
        this.partsByDataSource = Map.copyOf(parts);
        this.customizer = customizer;
    }

    private ConsumeParts partsOf(ConsumerMethod method) {
        return Objects.requireNonNull(partsByDataSource.get(method.dataSource()), "checked at start-up");
    }

    @Override
    public void setEmbeddedValueResolver(StringValueResolver resolver) {
        this.resolver = resolver;
    }

    /** @throws InvalidConsumerException if any method cannot consume as promised */
    @Override
    public void afterSingletonsInstantiated() {
        for (String name : beanFactory.getBeanDefinitionNames()) {
            Class<?> type = AutoProxyUtils.determineTargetClass(beanFactory, name);
            if (type != null && AnnotationUtils.isCandidateClass(type, IdempotentConsumer.class)) {
                find(name, type);
            }
        }
        List<String> faults = faults();
        if (!faults.isEmpty()) {
            throw new InvalidConsumerException("Cannot start: " + faults.size()
                    + " faults in methods annotated with @IdempotentConsumer:\n - " + String.join("\n - ", faults));
        }
        warnOfHoles();
    }

    private void warnOfHoles() {
        TransactionHoles holes = new TransactionHoles(beanFactory);
        for (ConsumerMethod method : methods) {
            String hole = method.subscription().broadcast()
                    ? null
                    : method.holeIn(holes, partsOf(method).transactions());
            if (hole != null) {
                log.warn("effects outside the handler's transaction handler={}: {}", method, hole);
            }
        }
    }

    private void find(String beanName, Class<?> type) {
        Map<Method, IdempotentConsumer> found = MethodIntrospector.selectMethods(
                type, (MethodIntrospector.MetadataLookup<IdempotentConsumer>) IdempotentConsumerRegistry::subscribing);
        if (!found.isEmpty()) {
            Object bean = beanFactory.getBean(beanName);
            found.forEach((method, annotation) ->
                    methods.add(new ConsumerMethod(beanName, bean, method, annotation, this::resolve, customizer)));
        }
    }

    /** Those without a topic are guards of methods that others call. */
    private static @Nullable IdempotentConsumer subscribing(Method method) {
        IdempotentConsumer annotation = AnnotatedElementUtils.findMergedAnnotation(method, IdempotentConsumer.class);
        return annotation == null || annotation.topic().isEmpty() ? null : annotation;
    }

    private String resolve(String text) {
        String resolved = resolver == null ? text : resolver.resolveStringValue(text);
        return resolved == null ? "" : resolved;
    }

    private List<String> faults() {
        List<String> faults = new ArrayList<>();
        Map<String, ConsumerMethod> byTopicAndGroup = new HashMap<>();
        for (ConsumerMethod method : methods) {
            Subscription subscription = method.subscription();
            method.faults().forEach(fault -> faults.add(method + ": " + fault));
            ConsumerMethod other =
                    byTopicAndGroup.putIfAbsent(subscription.topic() + '\n' + subscription.group(), method);
            if (other != null) {
                faults.add(method + ": topic '" + subscription.topic() + "' and group '" + subscription.group()
                        + "' are those of " + other + " too; each group handles a message once");
            }
            ConsumeParts parts = partsByDataSource.get(method.dataSource());
            if (parts == null) {
                faults.add(method + ": there is no data source '" + method.dataSource() + "'; those there are: "
                        + partsByDataSource.keySet().stream()
                                .filter(name -> !name.isEmpty())
                                .sorted()
                                .toList()
                        + ", and the primary one, whose name is empty");
            } else if (method.takesValidOnly() && parts.validator() == null) {
                faults.add(method + ": its payload is to be valid, and there is no validator; add"
                        + " spring-boot-starter-validation, or a bean PayloadValidator");
            }
            Transport carrier = transport.of(subscription.topic());
            if (subscription.broadcast() && !carrier.capabilities().contains(Capability.BROADCAST)) {
                faults.add(method + ": it is a broadcast, and " + Capability.BROADCAST.missingFrom(carrier.name()));
            }
            if (subscription.ordered() && !carrier.capabilities().contains(Capability.KEY_ORDER)) {
                faults.add(method + ": it is ordered, and " + Capability.KEY_ORDER.missingFrom(carrier.name())
                        + "; say ordered = false, or choose one of these");
            }
        }
        faults.addAll(ConsumerWork.forwardingFaults(subscriptions(), customizer));
        return faults;
    }

    /**
     * The class that a handler here takes for a type of messages.
     *
     * @param type the logical name of the type
     * @return {@code null} if no handler takes it
     */
    public @Nullable Class<?> payloadClassOf(String type) {
        return methods.stream()
                .map(method -> new PayloadTypes(method.payloadClass()).classOf(type))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    @Override
    public synchronized void start() {
        if (running) {
            return;
        }
        running = true;
        try {
            for (ConsumerMethod method : methods) {
                for (ConsumerWork work : worksOf(method)) {
                    active.add(new Active(
                            method,
                            work,
                            transport.subscribe(
                                    work.subscription(), method.ids().before(work.handler()))));
                    log.info(
                            "subscribed topic={} group={} transport={} handler={}",
                            work.subscription().topic(),
                            work.subscription().group(),
                            transport.of(work.subscription().topic()).name(),
                            work.name());
                }
            }
        } catch (RuntimeException e) {
            stop();
            throw e;
        }
    }

    private List<ConsumerWork> worksOf(ConsumerMethod method) {
        ConsumeParts parts = partsOf(method);
        ConsumeParts withRules = parts.with(method.rules(parts.rules()));
        return ConsumerWork.of(
                method.subscription(),
                method.toString(),
                subscription -> subscription.broadcast()
                        ? new BroadcastHandler(subscription, method.payloadClass(), method, withRules)
                        : new IdempotentHandler(subscription, method.payloadClass(), method, withRules),
                customizer,
                transport);
    }

    /**
     * The groups of this application that get all messages of {@code topic}, whatever their tags, and cannot handle those of
     * {@code type}: they would dead-letter them. To be asked when all beans are there. None where the topic is consumed
     * elsewhere only.
     */
    public List<String> groupsWithoutHandler(String topic, String type) {
        return methods.stream()
                .filter(method -> method.subscription().topic().equals(topic))
                .filter(method -> method.subscription().tags().equals("*"))
                .filter(method -> partsOf(method).upcasters().reachableFrom(type).stream()
                        .noneMatch(new PayloadTypes(method.payloadClass())::contains))
                .map(method -> method.subscription().group())
                .toList();
    }

    /** What the annotated methods ask for; to be asked when all beans are there. */
    public List<Subscription> subscriptions() {
        return methods.stream().map(ConsumerMethod::subscription).toList();
    }

    /** Also shows what else consumes in this process, behind the annotated methods. To be called before the start. */
    public void alsoShow(Supplier<List<RunningConsumer>> further) {
        others.add(further);
    }

    /** The consumers that are subscribed at the moment, in the order of their beans, and what else was said to be shown. */
    public List<RunningConsumer> running() {
        List<RunningConsumer> all = new ArrayList<>(runningMethods());
        others.forEach(further -> all.addAll(further.get()));
        return all;
    }

    private synchronized List<RunningConsumer> runningMethods() {
        return active.stream()
                .map(each -> new RunningConsumer(
                        each.work().subscription(),
                        each.work().name(),
                        each.subscription().control(),
                        each.subscription().positions()))
                .toList();
    }

    /**
     * Replays the dead letters of a data source by the handlers here.
     *
     * @param dataSource its name, empty for the primary one
     */
    public DeadLetterReplay.Handlers replayingIn(String dataSource) {
        return new DeadLetterReplay.Handlers() {
            @Override
            public Map<String, Set<String>> topicsByGroup() {
                return topicsByGroupIn(dataSource);
            }

            @Override
            public boolean replay(DeadLetter letter) {
                return handlerOf(dataSource, letter)
                        .map(handler -> handler.replay(letter))
                        .orElse(false);
            }
        };
    }

    private synchronized Map<String, Set<String>> topicsByGroupIn(String dataSource) {
        Map<String, Set<String>> topics = new HashMap<>();
        for (Active each : active) {
            if (each.method().dataSource().equals(dataSource)
                    && !each.method().subscription().broadcast()) {
                Set<String> ofGroup =
                        topics.computeIfAbsent(each.method().subscription().group(), group -> new HashSet<>());
                ofGroup.add(each.method().subscription().topic());
                ofGroup.add(each.work().subscription().topic());
            }
        }
        return topics;
    }

    /** Also of one that came by a topic whose messages are sent on to another one now. */
    private synchronized Optional<IdempotentHandler> handlerOf(String dataSource, DeadLetter letter) {
        String topic = letter.message().destination().topic();
        return active.stream()
                .filter(each -> each.method().dataSource().equals(dataSource))
                .filter(each -> each.method().subscription().group().equals(letter.group()))
                .filter(each -> each.method().subscription().topic().equals(topic)
                        || each.work().subscription().topic().equals(topic))
                .map(each -> each.work().handler())
                .filter(IdempotentHandler.class::isInstance)
                .map(IdempotentHandler.class::cast)
                .findFirst();
    }

    @Override
    public synchronized void stop() {
        for (Active each : active) {
            try {
                each.subscription().close();
            } catch (RuntimeException e) {
                log.warn("a subscription did not close", e);
            }
        }
        active.clear();
        running = false;
    }

    @Override
    public synchronized boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return LATE_PHASE;
    }
}
