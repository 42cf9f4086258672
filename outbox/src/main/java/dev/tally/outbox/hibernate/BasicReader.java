package dev.tally.outbox.hibernate;

import dev.tally.outbox.change.EntityChange.PropertyChange;
import java.util.Map;
import org.hibernate.bytecode.enhance.spi.LazyPropertyInitializer;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.type.Type;
import org.jspecify.annotations.Nullable;

/** Values of basic types, also converted ones: the payload's codec knows them. */
record BasicReader(Type type) implements ValueReader {

    @Override
    public @Nullable Object read(@Nullable Object value, SharedSessionContractImplementor session) {
        if (value == LazyPropertyInitializer.UNFETCHED_PROPERTY) {
            return NOT_LOADED;
        }
        return value != null && type.isMutable() ? type.deepCopy(value, session.getFactory()) : value;
    }

    /** As Hibernate compares: 1.0 and 1.00 are one value. */
    @Override
    public void compare(
            String path, @Nullable Object from, @Nullable Object to, Map<String, PropertyChange> differences) {
        if (from == null || to == null || from == NOT_LOADED || to == NOT_LOADED || !type.isEqual(from, to)) {
            ValueReader.super.compare(path, from, to, differences);
        }
    }
}
