package dev.tally.saga.participant;

import dev.tally.consume.RunningConsumer;
import dev.tally.consume.SubscriptionCustomizer;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.Capability;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.beans.BeansException;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.EmbeddedValueResolverAware;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.transaction.TransactionManager;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringValueResolver;

/**
 * Finds the beans that are {@linkplain SagaParticipant participants}, checks them at start-up, and subscribes them while the
 * application runs: after almost everything else has started, and until before it stops. Each gets the topic that {@link
 * ParticipantTopics} says, in the group of its name with {@code -participant} behind it, ordered by saga.
 *
 * @since 0.1
 */
public final class SagaParticipantRegistry
        implements SmartInitializingSingleton, SmartLifecycle, EmbeddedValueResolverAware {

    private static final Logger log = LoggerFactory.getLogger(SagaParticipantRegistry.class);
    private static final int LATE_PHASE = Integer.MAX_VALUE - 100;

    private final ConfigurableListableBeanFactory beanFactory;
    private final Transport transport;
    private final ParticipantParts parts;
    private final ParticipantTopics topics;
    private final SubscriptionCustomizer customizer;
    private final Map<String, Participant> participants = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();
    private final List<Active> active = new ArrayList<>();
    private @Nullable StringValueResolver resolver;
    private boolean running;

    private record Active(Subscription subscribed, String participant, ActiveSubscription subscription) {}

    /**
     * Creates the registry of all beans of {@code beanFactory}.
     *
     * @param parts what participants are run with
     * @param topics where their commands come from
     * @param customizer changes what the annotations ask for; topic, group and order stay what they are
     */
    public SagaParticipantRegistry(
            ConfigurableListableBeanFactory beanFactory,
            Transport transport,
            ParticipantParts parts,
            ParticipantTopics topics,
            SubscriptionCustomizer customizer) {
        this.beanFactory = beanFactory;
        this.transport = transport;
        this.parts = parts;
        this.topics = topics;
        this.customizer = customizer;
    }

    @Override
    public void setEmbeddedValueResolver(StringValueResolver resolver) {
        this.resolver = resolver;
    }

    /** @throws InvalidParticipantException if any participant cannot work as promised */
    @Override
    public void afterSingletonsInstantiated() {
        for (String name : beanFactory.getBeanDefinitionNames()) {
            Class<?> type = AutoProxyUtils.determineTargetClass(beanFactory, name);
            if (type != null) {
                find(name, type);
            }
        }
        participants.values().forEach(each -> each.faults().forEach(fault -> faults.add(each + ": " + fault)));
        checkTopics();
        if (!faults.isEmpty()) {
            throw new InvalidParticipantException("Cannot start: " + faults.size()
                    + " faults in saga participants:\n - " + String.join("\n - ", faults));
        }
    }

    private void find(String beanName, Class<?> type) {
        SagaParticipant annotation = AnnotatedElementUtils.findMergedAnnotation(type, SagaParticipant.class);
        Set<Method> methods = MethodIntrospector.selectMethods(type, (ReflectionUtils.MethodFilter)
                method -> AnnotatedElementUtils.hasAnnotation(method, SagaAction.class)
                        || AnnotatedElementUtils.hasAnnotation(method, SagaCompensation.class));
        if (annotation == null) {
            if (!methods.isEmpty()) {
                faults.add("bean '" + beanName + "': its methods " + names(methods)
                        + " are annotated with @SagaAction or @SagaCompensation, and its class is not annotated with"
                        + " @SagaParticipant, so nobody would call them");
            }
            return;
        }
        String name = resolve(annotation.value());
        Participant participant = participants.computeIfAbsent(name, key -> new Participant(key, annotation));
        if (!participant.hasSettings(annotation)) {
            faults.add(participant + ": bean '" + beanName
                    + "' has other settings for it than the beans before; give them the same concurrency, batch and"
                    + " maxAttempts, or another name");
        }
        if (!methods.isEmpty()) {
            Object bean = beanFactory.getBean(beanName);
            methods.forEach(method -> add(participant, beanName, bean, method));
        }
    }

    private void add(Participant participant, String beanName, Object bean, Method method) {
        SagaAction action = AnnotatedElementUtils.findMergedAnnotation(method, SagaAction.class);
        SagaCompensation compensation = AnnotatedElementUtils.findMergedAnnotation(method, SagaCompensation.class);
        if (action != null) {
            add(participant, new ParticipantMethod(beanName, bean, method, action));
        }
        if (compensation != null) {
            add(participant, new ParticipantMethod(beanName, bean, method, compensation));
        }
        if (action != null && compensation != null) {
            faults.add(participant + ": bean '" + beanName + "', " + method.getName()
                    + ": it is an action and a compensation; make two methods of it");
        }
    }

    private void add(Participant participant, ParticipantMethod method) {
        participant.add(method);
        String manager = method.namedManager();
        if (!manager.isEmpty() && isOther(manager)) {
            log.warn(
                    "effects outside the barrier's transaction method={}: its transactions are of '{}', those of the"
                            + " barrier are not, so its effects may stay where it is answered as failed or refused",
                    method,
                    manager);
        }
    }

    private boolean isOther(String manager) {
        try {
            return BeanFactoryAnnotationUtils.qualifiedBeanOfType(beanFactory, TransactionManager.class, manager)
                    != parts.transactions();
        } catch (BeansException e) {
            // Spring tells of it by itself when the method is called.
            return false;
        }
    }

    private static Set<String> names(Set<Method> methods) {
        Set<String> names = new TreeSet<>();
        methods.forEach(method -> names.add(method.getName()));
        return names;
    }

    private String resolve(String text) {
        String resolved = resolver == null ? text : resolver.resolveStringValue(text);
        return resolved == null ? "" : resolved;
    }

    private void checkTopics() {
        Map<String, Participant> byTopic = new HashMap<>();
        for (Participant participant : participants.values()) {
            Subscription subscription = subscription(participant);
            Transport carrier = transport.of(subscription.topic());
            if (!carrier.capabilities().contains(Capability.KEY_ORDER)) {
                faults.add("commands of a saga have to come in their order, and "
                        + Capability.KEY_ORDER.missingFrom(carrier.name()) + " (topic '" + subscription.topic() + "')");
            }
            String topic = subscription.topic();
            if (topic.isBlank()) {
                faults.add(participant + ": its topic is blank");
                continue;
            }
            Participant other = byTopic.putIfAbsent(topic, participant);
            if (other != null) {
                faults.add(participant + ": its topic '" + topic + "' is that of " + other
                        + " too; each would answer the commands of the other as unknown");
            }
            if (!subscription.ordered()
                    || subscription.broadcast()
                    || !subscription.group().equals(participant.name() + "-participant")) {
                faults.add(participant + ": its subscription was changed to " + subscription
                        + "; its group, and the order of its commands, have to stay");
            }
        }
    }

    private Subscription subscription(Participant participant) {
        return customizer.customize(participant.subscription(topics));
    }

    /** What the participants ask for; to be asked when all beans are there. */
    public List<Subscription> subscriptions() {
        return participants.values().stream().map(this::subscription).toList();
    }

    @Override
    public synchronized void start() {
        if (running) {
            return;
        }
        running = true;
        try {
            for (Participant participant : participants.values()) {
                Subscription subscription = subscription(participant);
                ParticipantHandler handler = new ParticipantHandler(subscription, participant, parts);
                active.add(
                        new Active(subscription, participant.toString(), transport.subscribe(subscription, handler)));
                log.info(
                        "subscribed topic={} group={} transport={} participant={}",
                        subscription.topic(),
                        subscription.group(),
                        transport.name(),
                        participant.name());
            }
        } catch (RuntimeException e) {
            stop();
            throw e;
        }
    }

    /** The participants that are subscribed at the moment, in the order of their names. */
    public synchronized List<RunningConsumer> running() {
        return active.stream()
                .map(each -> new RunningConsumer(
                        each.subscribed(),
                        each.participant(),
                        each.subscription().control(),
                        each.subscription().positions()))
                .toList();
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
