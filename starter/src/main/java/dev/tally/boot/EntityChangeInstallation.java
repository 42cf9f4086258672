package dev.tally.boot;

import dev.tally.boot.diagnostics.PublishingClasses;
import dev.tally.outbox.hibernate.EntityChangePublication;
import dev.tally.publish.DeferredPublisher;
import dev.tally.publish.MessagePublisher;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.hibernate.SessionFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Has all of Hibernate's entity manager factories tell of changes, before anybody uses them. Annotated entities of others
 * end the start-up.
 */
final class EntityChangeInstallation implements BeanPostProcessor, PublishingClasses {

    private final ObjectProvider<MessagePublisher> publisher;
    private final UnaryOperator<String> placeholders;
    private final List<Class<?>> entities = new CopyOnWriteArrayList<>();

    EntityChangeInstallation(ObjectProvider<MessagePublisher> publisher, UnaryOperator<String> placeholders) {
        this.publisher = publisher;
        this.placeholders = placeholders;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof EntityManagerFactory factory) {
            if (isHibernates(factory)) {
                entities.addAll(EntityChangePublication.install(factory, this::deferred, placeholders));
            } else {
                EntitiesWithoutHibernate.refuseAnnotated(factory, beanName);
            }
        }
        return bean;
    }

    /** Asked for what is behind it, because a bean need not show more than JPA's interface. */
    private static boolean isHibernates(EntityManagerFactory factory) {
        try {
            factory.unwrap(SessionFactory.class);
            return true;
        } catch (PersistenceException e) {
            return false; // as JPA has it for classes that are not supported
        }
    }

    @Override
    public List<Class<?>> publishingClasses() {
        return List.copyOf(entities);
    }

    private DeferredPublisher deferred() {
        MessagePublisher found = publisher.getObject();
        if (found instanceof DeferredPublisher deferred) {
            return deferred;
        }
        throw new IllegalStateException("Cannot publish changes of entities through the application's own "
                + found.getClass().getName() + ": it is no " + DeferredPublisher.class.getSimpleName()
                + ", as Tally's publishers are. Let it implement that, or leave the bean to Tally");
    }
}
