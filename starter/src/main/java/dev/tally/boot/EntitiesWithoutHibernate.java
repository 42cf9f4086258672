package dev.tally.boot;

import dev.tally.outbox.change.InvalidChangePublicationException;
import dev.tally.outbox.change.PublishChanges;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.metamodel.Type;
import java.util.List;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.annotation.AnnotatedElementUtils;

/** Ends the start-up where entities are annotated whose changes nobody tells of: only Hibernate does. */
final class EntitiesWithoutHibernate implements BeanPostProcessor {

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof EntityManagerFactory factory) {
            refuseAnnotated(factory, beanName);
        }
        return bean;
    }

    static void refuseAnnotated(EntityManagerFactory factory, String beanName) {
        List<String> annotated = factory.getMetamodel().getEntities().stream()
                .map(Type::getJavaType)
                .filter(type -> AnnotatedElementUtils.hasAnnotation(type, PublishChanges.class))
                .map(Class::getName)
                .sorted()
                .toList();
        if (!annotated.isEmpty()) {
            throw new InvalidChangePublicationException(
                    "Cannot start: entities annotated with @PublishChanges belong to"
                            + " the entity manager factory '" + beanName
                            + "', which is not one of Hibernate's, and only"
                            + " Hibernate's changes can be published:\n - " + String.join("\n - ", annotated)
                            + "\nTake Hibernate for them, or publish with a MessagePublisher");
        }
    }
}
