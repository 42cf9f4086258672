package dev.tally.testkit;

import dev.tally.consume.SubscriptionCustomizer;
import dev.tally.message.Message;
import dev.tally.saga.participant.ParticipantParts;
import dev.tally.saga.participant.ParticipantTopics;
import dev.tally.saga.participant.SagaParticipantRegistry;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Capability;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;

/** A process with participants, whose deliveries are made by hand. Thread-safe. */
final class ParticipantNode {

    private final Deliveries deliveries = new Deliveries();

    /** @param participant a bean */
    <P> ParticipantNode(Class<P> type, P participant, ParticipantParts parts) {
        DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
        beans.registerBeanDefinition("participant", new RootBeanDefinition(type, () -> participant));
        SagaParticipantRegistry registry = new SagaParticipantRegistry(
                beans, deliveries, parts, ParticipantTopics.BY_NAME, SubscriptionCustomizer.NONE);
        registry.afterSingletonsInstantiated();
        registry.start();
    }

    List<DeliveryOutcome> deliver(Message... messages) {
        return deliver(1, List.of(messages));
    }

    List<DeliveryOutcome> deliver(int attempt, List<Message> messages) {
        return Objects.requireNonNull(deliveries.handler)
                .handle(messages.stream()
                        .map(message -> new ReceivedMessage(message, attempt))
                        .toList());
    }

    private static final class Deliveries implements Transport {

        private @Nullable BatchHandler handler;

        @Override
        public String name() {
            return "by-hand";
        }

        @Override
        public Set<Capability> capabilities() {
            return Set.of(Capability.KEY_ORDER);
        }

        @Override
        public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
            throw new IllegalStateException("Cannot send: the participants' publisher has a path of its own");
        }

        @Override
        public ActiveSubscription subscribe(Subscription subscription, BatchHandler newHandler) {
            handler = newHandler;
            return () -> {};
        }

        @Override
        public void close() {}
    }
}
