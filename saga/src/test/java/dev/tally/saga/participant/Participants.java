package dev.tally.saga.participant;

import dev.tally.consume.SubscriptionCustomizer;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;

/** Registries of beans that are there. */
final class Participants {

    private Participants() {}

    static SagaParticipantRegistry registry(FakeTransport transport, ParticipantParts parts, Object... beans) {
        DefaultListableBeanFactory factory = new DefaultListableBeanFactory();
        for (int i = 0; i < beans.length; i++) {
            register(factory, "bean" + i, beans[i]);
        }
        return new SagaParticipantRegistry(
                factory, transport, parts, ParticipantTopics.BY_NAME, SubscriptionCustomizer.NONE);
    }

    @SuppressWarnings("unchecked")
    private static <B> void register(DefaultListableBeanFactory factory, String name, B bean) {
        factory.registerBeanDefinition(name, new RootBeanDefinition((Class<B>) bean.getClass(), () -> bean));
    }
}
