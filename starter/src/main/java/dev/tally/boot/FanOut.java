package dev.tally.boot;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;

/**
 * All listener beans of one type as one listener; one that fails keeps none of the others from hearing.
 *
 * @since 0.1
 */
public final class FanOut implements InvocationHandler {

    private static final Logger log = LoggerFactory.getLogger(FanOut.class);

    private final List<?> listeners;

    private FanOut(List<?> listeners) {
        this.listeners = listeners;
    }

    /** All beans of {@code type} as one. */
    public static <L> L to(Class<L> type, ObjectProvider<L> listeners) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                new FanOut(listeners.orderedStream().toList())));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return method.invoke(this, arguments);
        }
        for (Object listener : listeners) {
            try {
                method.invoke(listener, arguments);
            } catch (InvocationTargetException e) {
                log.warn("a listener failed listener={} event={}", listener, method.getName(), e.getCause());
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return listeners.toString();
    }
}
