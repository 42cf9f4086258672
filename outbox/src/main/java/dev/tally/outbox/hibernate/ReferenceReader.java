package dev.tally.outbox.hibernate;

import java.util.function.Supplier;
import org.hibernate.bytecode.enhance.spi.LazyPropertyInitializer;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.proxy.HibernateProxy;
import org.hibernate.proxy.LazyInitializer;
import org.jspecify.annotations.Nullable;

/**
 * Associations: the target's identifier, which a proxy has without being loaded.
 *
 * @param identifier reads the target's identifier; asked for late, since identifiers may have associations
 */
record ReferenceReader(EntityPersister target, Supplier<ValueReader> identifier) implements ValueReader {

    @Override
    public @Nullable Object read(@Nullable Object value, SharedSessionContractImplementor session) {
        if (value == null) {
            return null;
        }
        if (value == LazyPropertyInitializer.UNFETCHED_PROPERTY) {
            return NOT_LOADED;
        }
        return identifier.get().read(idOf(value, session), session);
    }

    private @Nullable Object idOf(Object value, SharedSessionContractImplementor session) {
        LazyInitializer proxy = HibernateProxy.extractLazyInitializer(value);
        if (proxy != null) {
            return proxy.getInternalIdentifier();
        }
        // In an identifier's class (@IdClass) the association is the target's identifier already.
        return target.getMappedClass().isInstance(value) ? target.getIdentifier(value, session) : value;
    }
}
